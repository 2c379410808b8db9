/** Which machines need somebody, worst first: the question a wall screen answers from five metres. */
import type { MachineNow, Now } from "../api/types";

export type Need = "down" | "silent" | "unmapped";

export interface Call {
  id: string;
  need: Need;
  /** Since when, as far as anybody knows. */
  since: number | undefined;
}

const URGENCY: Record<Need, number> = { down: 0, silent: 1, unmapped: 2 };

function needOf(machine: MachineNow): Need | undefined {
  if (machine.stale || machine.state === "no_data") return "silent";
  if (machine.state === "down") return "down";
  return machine.state === "unmapped" ? "unmapped" : undefined;
}

export function calls(now: Now): Call[] {
  return Object.entries(now.machines)
    .flatMap(([id, machine]) => {
      const need = machine && needOf(machine);
      return need ? [{ id, need, since: machine.stale && machine.age_s === null ? undefined : machine.since_ms }] : [];
    })
    .sort((a, b) => URGENCY[a.need] - URGENCY[b.need] || (a.since ?? 0) - (b.since ?? 0));
}
