/** When what a pack costs comes back: from its cost and its measured effect, both as ranges. */
export interface Range {
  low: number;
  high: number;
}

/** A change of an indicator; an end that is not known is null. */
export interface Effect {
  low: number | null;
  high: number | null;
  /** Whether it is a share of the level before. */
  relative: boolean;
}

export interface Cost {
  once: Range;
  yearly: Range;
}

/** What the reader says: yuan a year for one unit of the indicator, and where the factory stands, in the unit. */
export interface Reader {
  worth: number | undefined;
  stand: number | undefined;
}

export type Answer =
  /** The reader has to say more. */
  | { kind: "ask" }
  /** The interval of the effect holds no change at all, or has an open end. */
  | { kind: "open" }
  /** All of the interval is on the wrong side. */
  | { kind: "worse" }
  /** Even the most that it may gain is not more than it costs each year. */
  | { kind: "never"; gain: Range }
  /** Years; no latest where the least that it may gain is not more than it costs each year. */
  | { kind: "range"; gain: Range; soonest: number; latest: number | null };

/**
 * Simple payback: once / (gain a year - cost a year), undiscounted. Either end takes the worst, or the best, of every range at once,
 * so that it is never narrower than what is known.
 */
export function payback(effect: Effect, better: "higher" | "lower", cost: Cost, { worth, stand }: Reader): Answer {
  const { low, high, relative } = effect;
  if (low === null || high === null) return { kind: "open" };
  const [least, most] = better === "higher" ? [low, high] : [-high, -low];
  if (most < 0) return { kind: "worse" };
  if (least <= 0) return { kind: "open" };
  if (worth === undefined || (relative && stand === undefined)) return { kind: "ask" };
  const unit = worth * (relative ? Math.abs(stand ?? 0) : 1);
  const gain = { low: unit * least, high: unit * most };
  const net = { low: gain.low - cost.yearly.high, high: gain.high - cost.yearly.low };
  if (net.high <= 0) return { kind: "never", gain };
  return { kind: "range", gain, soonest: cost.once.low / net.high, latest: net.low > 0 ? cost.once.high / net.low : null };
}

/** Years to a tenth, the ends of a range outward. */
export const outward = (years: number, side: "down" | "up"): number => (side === "down" ? Math.floor(years * 10 + 1e-9) : Math.ceil(years * 10 - 1e-9)) / 10;
