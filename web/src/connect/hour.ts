/** When a source was heard, and when not. */
import type { Span } from "./types";

export const HOUR_MS = 3_600_000;

/** The times in which it was not heard, in order. A pause up to now that is shorter than `patience` is none yet. */
export function gaps(heard: readonly Span[], from: number, to: number, patience: number): Span[] {
  const found: Span[] = [];
  let known = from;
  for (const [start, end] of heard) {
    if (start > known) found.push([known, start]);
    known = Math.max(known, end);
  }
  if (to - known > patience) found.push([known, to]);
  return found;
}

/** The share of the time in which it was heard. */
export function covered(missing: readonly Span[], from: number, to: number): number {
  return 1 - missing.reduce((sum, [start, end]) => sum + end - start, 0) / Math.max(1, to - from);
}
