/** What the page Surface reads. */
import type { Bands, Coverage } from "../bands/types";

export interface Interval {
  value: number;
  low: number;
  high: number;
}

export interface Split extends Interval {
  within: number | null;
  between: number | null;
}

export interface Behind {
  cell: string;
  share: number;
  n: number;
  indicators: { id: string; share: number | null }[];
}

export interface Surface {
  indicator: string;
  month: string;
  months: string[];
  edition: number | string | null;
  generated_share: number;
  whole: Bands | null;
  regions: { code: string; n: number | null; bands: Bands | null; withheld: string | null }[];
  industries: { code: string; name: string; bands: Bands | null; withheld: string | null }[];
  coverage: Coverage | null;
  inequality: { gini: Interval; theil_t: Split | null; theil_l: Split | null; words: string[] } | null;
  behind: Behind[];
}
