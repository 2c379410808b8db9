/** What the page Point reads. */
import type { Bands, TrendPoint } from "../bands/types";

export interface Position {
  indicator: string;
  value: number | null;
  origin: "measured" | "entered" | "generated" | null;
  coverage: number | null;
  month: string | null;
  band: { low: number | null; high: number | null; words: string } | null;
  bands: Bands | null;
  /** Those it is compared with by this indicator. */
  peers: { cell: string | null; n: number; why: string } | null;
  /** In the unit, above 0 where the factory is behind. */
  to_median: number | null;
  to_better: number | null;
  /** What closing `to_better` would bring in a year, as the member states it. */
  worth: number | null;
  currency: string | null;
  /** By year, in the unit. */
  trend: number | null;
  trend_of_peers: number | null;
  /** Why there is no value. */
  absent: string | null;
  /** Why there is nothing to compare it with. */
  withheld: string | null;
}

export interface Point {
  /** In words. */
  member: { id: number; name: string; industry: string; size: string | null; region: string; generated: boolean };
  month: string | null;
  months: string[];
  peers: { cell: string | null; n: number; why: string };
  rows: Position[];
  series: Record<string, TrendPoint[]>;
}
