/** What a hub tells of groups of members, as its API writes it. Null stands for what is not told or not known. */

/** One indicator a month, as the catalogue has it. */
export interface Indicator {
  id: string;
  name: string;
  meaning: string;
  formula: string;
  unit: string;
  better: "higher" | "lower";
  /** The grid on which figures of many are told, in the unit. */
  step: number;
  /** Whether the step is a part of the value instead: of what differs by powers of ten. */
  ratio: boolean;
  /** Whether a value means the same in each factory, so that they can be compared. */
  compared: boolean;
  coverage: number;
  computed: boolean;
  source: string;
  confidence: string;
  edition: string;
}

/** What a figure of an indicator is written and drawn by. */
export type Measured = Pick<Indicator, "unit" | "step" | "ratio">;

export interface Region {
  code: string;
  name: string;
  /** Column and row. */
  tile: readonly [number, number];
}

/** What everybody may know of a hub. */
export interface HubFacts {
  name: string;
  zone: string;
  size_scheme: { id: string; name: string; edition: string };
  sizes: { id: string; name: string }[];
  regions: Region[];
  industries: { code: string; name: string }[];
  /** Supply chains: their industries, the first supplier first. */
  chains: { id: string; name: string; industries: string[] }[];
  indicators: Indicator[];
  /** A figure is told of `group` members at least, of whom `hidden` stay so even from so many who collude. */
  protection: { group: number; hidden: number; colluders: number; words: string[] };
  generated: { members: number; of: number };
}

export const PERCENTS = ["p10", "p25", "p50", "p75", "p90"] as const;
export type Percent = (typeof PERCENTS)[number];

/** A distribution: of n members each quantile that may be told. */
export interface Bands extends Record<Percent, number | null> {
  n: number;
  /** The share of members that were generated for a demonstration. */
  generated: number;
  /** The share of values that were entered by hand. */
  entered: number | null;
  words: string;
}

export interface Coverage {
  members: number;
  enterprises: number | null;
  share: number | null;
  words: string[];
  kinds: Kind[];
}

/** A sort of enterprise: its share of members beside its share of all enterprises. */
export interface Kind {
  by: "size" | "industry";
  of: string;
  members: number;
  enterprises: number;
  share_members: number;
  share_enterprises: number | null;
  words: string;
}

/** One month of a distribution, or of it with a value of one's own. */
export interface TrendPoint {
  month: string;
  p25: number | null;
  p50: number | null;
  p75: number | null;
  n?: number;
  generated?: number;
  value?: number | null;
}
