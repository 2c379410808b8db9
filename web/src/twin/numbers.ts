/** Reckoning for the twin's page: pure functions of what the API told. */
import type { Between, Measure, Score, Standing, Twin, TwinState } from "./types";
import type { State } from "../api/types";

/** The state a machine shows while its station is in a state of the twin: both wear the same fill. */
export const LIKE: Record<TwinState, State> = {
  working: "running",
  setup: "setup",
  waiting: "stopped",
  blocked: "blocked",
  starved: "starved",
  down: "down",
  off: "off",
};

/** From parts a second of the calendar, as answers tell them, to parts an hour in which the line is on shift. */
export function hourly(twin: Twin): number {
  const ends = twin.stations.filter(({ to }) => to.includes("out"));
  const last = ends.length ? ends : twin.stations.slice(-1);
  const off = last.reduce((sum, { shares }) => sum + shares.off.mean, 0) / (last.length || 1);
  return off < 1 ? 3600 / (1 - off) : 3600;
}

export const between = ({ mean, half_width }: Measure, factor = 1): Between => ({
  mean: mean * factor,
  low: (mean - (half_width ?? 0)) * factor,
  high: (mean + (half_width ?? 0)) * factor,
});

export interface Scale {
  low: number;
  high: number;
}

/** A scale that shows all these intervals and zero. */
export function scaleOf(values: readonly Between[]): Scale {
  const low = Math.min(0, ...values.map((one) => one.low));
  const high = Math.max(0, ...values.map((one) => one.high));
  return low === high ? { low: 0, high: 1 } : { low, high };
}

/** Where a value stands on a scale, in percent from its begin; what lies outside stands at its end. */
export const place = ({ low, high }: Scale, value: number): number =>
  Math.min(100, Math.max(0, (100 * (value - low)) / (high - low || 1)));

/** A scale around forecasts and what was observed, with a little air. */
export function around(score: Pick<Score, "epochs">): Scale {
  const ends = score.epochs.flatMap(({ low, high, observed }) => [low, high, observed]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const air = 0.08 * (high - low || Math.abs(high) || 1);
  return { low: low >= 0 ? Math.max(0, low - air) : low - air, high: high + air };
}

/** How far forecasts were off on average, in percent of what happened; of shares of time in points. */
export function off({ error, unit, epochs }: Score): Between {
  const observed = epochs.reduce((sum, one) => sum + one.observed, 0) / (epochs.length || 1);
  const by = unit === "%" ? 100 * observed : 100;
  return { mean: error.mean * by, low: error.low * by, high: error.high * by };
}

const ORDER: Record<Standing, number> = { worse: 0, level: 1, better: 2 };

/** Scores with those first that say most against the twin: worse than a guess, then claims not kept, then the error. */
export function doubtful(scores: readonly Score[]): Score[] {
  const kept = ({ coverage }: Score): number => coverage.filter((one) => one.kept).length;
  return [...scores].sort(
    (a, b) => ORDER[a.verdict] - ORDER[b.verdict] || kept(a) - kept(b) || Math.abs(off(b).mean) - Math.abs(off(a).mean),
  );
}

/** A path through points, in percent of a box, y upward. */
export const trace = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${(100 - y).toFixed(2)}`).join("");

/** The outline between two edges over the same places. */
export const band = (upper: readonly (readonly [number, number])[], lower: readonly (readonly [number, number])[]): string =>
  upper.length ? `${trace([...upper, ...[...lower].reverse()])}Z` : "";

/** Round marks from 0 to at least `top`, few of them. */
export function marks(top: number, most = 4): number[] {
  const rough = top / most || 1;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * size).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, i) => i * step);
}
