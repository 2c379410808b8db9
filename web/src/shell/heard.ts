/** When a machine that is silent was last heard, in words; a silence of days is dated. */
import type { MachineNow } from "../api/types";
import { app, t } from "../app.svelte";
import { TWO_DAYS_S } from "../texts/format";

/** The moment of the last word, or undefined when there never was one. */
export const lastHeard = ({ age_s }: MachineNow, now: number): number | undefined =>
  age_s === null ? undefined : now - age_s * 1000;

export function heardWords(machine: MachineNow): string {
  const heard = lastHeard(machine, app.clock.second);
  if (heard === undefined || machine.age_s === null) return t("web.tile.never");
  if (machine.age_s < TWO_DAYS_S) return t("web.tile.stale", { age: app.formats.age(machine.age_s) });
  return t("web.tile.heard", { time: app.formats.time(heard, "moment") });
}
