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

/** A supply chain: its industries in their order, and of each indicator the one that is farthest behind. */
export interface Chain {
  chain: { id: string; name: string };
  indicator: string;
  month: string | null;
  months: string[];
  whole: Bands | null;
  withheld: string | null;
  stages: { code: string; name: string; bands: Bands | null; withheld: string | null; movement: Movement | null }[];
  weakest: Hold[];
}

export interface Hold {
  indicator: string;
  name: string;
  gap: number;
  words: string;
  /** Of a chain: the industry that it is of. */
  stage?: { code: string; name: string };
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
