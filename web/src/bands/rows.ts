/** Distributions that stand under each other. */
import type { Bands } from "./types";

export interface BandEntry {
  id: string;
  name: string;
  href?: string | undefined;
  bands: Bands | null;
  /** Why it is not told. */
  withheld?: string | null | undefined;
  /** Whether it is the one that holds all others. */
  whole?: boolean;
}

/** The largest share of generated members in any of these distributions. */
export const madeOf = (bands: readonly (Bands | null | undefined)[]): number => Math.max(0, ...bands.map((one) => one?.generated ?? 0));

/** What is told first, the best median first; what is withheld after it by its name. */
export function byMedian(rows: readonly BandEntry[], better: "higher" | "lower"): BandEntry[] {
  const sign = better === "higher" ? -1 : 1;
  const middle = ({ bands }: BandEntry): number | null => bands?.p50 ?? null;
  return [...rows].sort((a, c) => {
    const [one, other] = [middle(a), middle(c)];
    if (one !== null && other !== null) return sign * (one - other) || a.name.localeCompare(c.name);
    if (one === null && other === null) return Number(a.bands === null) - Number(c.bands === null) || a.name.localeCompare(c.name);
    return one === null ? 1 : -1;
  });
}
