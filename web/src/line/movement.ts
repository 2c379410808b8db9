/** How the members of an industry moved between the bands, as parts of a whole. */
import type { Movement } from "./types";

export const WAYS = ["up", "same", "down"] as const;
export type Way = (typeof WAYS)[number];

export const GLYPHS: Record<Way, string> = { up: "▲", same: "=", down: "▼" };

export interface Part {
  way: Way;
  /** Null where it is not told by itself. */
  count: number | null;
  share: number;
}

/** The parts in their order; what is not told alone is one part, without a way: the rest. */
export function partsOf({ n, ...counts }: Movement): { parts: Part[]; rest: number } {
  const parts = WAYS.flatMap((way) => {
    const count = counts[way];
    return count === null || n === 0 ? [] : [{ way, count, share: count / n }];
  });
  return { parts, rest: n - parts.reduce((sum, { count }) => sum + count, 0) };
}
