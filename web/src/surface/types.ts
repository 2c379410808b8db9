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
  generated: number;
  indicators: { id: string; name: string; share: number | null }[];
}

export interface Surface {
  indicator: string;
  /** Null where no month is told. */
  month: string | null;
  months: string[];
  edition: number | null;
  whole: Bands | null;
  /** Why nothing is told of the indicator at all. */
  withheld: string | null;
  regions: { code: string; n: number | null; bands: Bands | null; withheld: string | null }[];
  industries: { code: string; name: string; bands: Bands | null; withheld: string | null }[];
  coverage: Coverage | null;
  inequality: { gini: Interval; theil_t: Split | null; theil_l: Split | null; generated: number; words: string[] } | null;
  behind: Behind[];
}
