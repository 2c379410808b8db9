/** What the page Line reads. */
import type { Bands, TrendPoint } from "../bands/types";

export interface Movement {
  /** Null where it may not be told. */
  up: number | null;
  same: number | null;
  down: number | null;
  n: number;
  generated: number;
  from: string;
  to: string;
}

export interface Hold {
  indicator: string;
  name: string;
  gap: number;
  words: string;
}

export interface Line {
  industry: { code: string; name: string };
  indicator: string;
  month: string | null;
  months: string[];
  whole: Bands | null;
  withheld: string | null;
  sizes: { size: string; name: string; bands: Bands | null; withheld: string | null }[];
  trend: TrendPoint[];
  movement: Movement | null;
  holds: Hold[];
}
