/** Where planned busy time went, as steps from all of it down to what was fully productive. */
import type { Loss, Row } from "../api/types";

export type Total = "planned" | "production" | "net" | "productive";

export interface Step {
  id: string;
  kind: "total" | Loss["kind"];
  /** Ends of the bar in seconds, from < to; both null when the amount is unknown. */
  from: number | null;
  to: number | null;
  /** Seconds in all (totals) or lost (losses; negative when time was gained). */
  seconds: number | null;
}

export interface Waterfall {
  steps: Step[];
  /** Seconds at the right end of the scale. */
  full: number;
}

const AFTER: Record<Loss["kind"], Total> = { time: "production", speed: "net", quality: "productive" };
const ORDER = ["time", "speed", "quality"] as const;

/** Less than this reads as nothing. */
const UNSEEN_S = 0.5;

/** The steps of a row; undefined when planned busy time is unknown. Losses of nothing are left out. */
export function waterfall(row: Pick<Row, "planned_busy_s" | "losses">): Waterfall | undefined {
  const planned = row.planned_busy_s;
  if (planned === null) return undefined;
  const steps: Step[] = [{ id: "planned", kind: "total", from: 0, to: planned, seconds: planned }];
  let left: number | null = planned;
  let full = planned;
  for (const kind of ORDER) {
    for (const { id, seconds } of row.losses.filter((loss) => loss.kind === kind)) {
      if (seconds !== null && Math.abs(seconds) < UNSEEN_S) continue;
      const after: number | null = left === null || seconds === null ? null : left - seconds;
      const known = left !== null && after !== null;
      steps.push({
        id,
        kind,
        seconds,
        from: known ? Math.min(left as number, after) : null,
        to: known ? Math.max(left as number, after) : null,
      });
      left = after;
      full = Math.max(full, after ?? 0);
    }
    steps.push({ id: AFTER[kind], kind: "total", from: left === null ? null : 0, to: left, seconds: left });
  }
  return { steps, full };
}

/** The largest loss, which is where to look first. */
export function largestLoss({ steps }: Waterfall): Step | undefined {
  return steps
    .filter((step) => step.kind !== "total" && (step.seconds ?? 0) > 0)
    .reduce<Step | undefined>((most, step) => ((most?.seconds ?? 0) >= (step.seconds ?? 0) ? most : step), undefined);
}
