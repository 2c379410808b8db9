/** Classes, learned types, paths and reported figures as the hub tells them. */
import type { Bands } from "../../bands/types";
import type { Objection } from "../../objections/types";

export interface Band {
  p25: number | null;
  p50: number;
  p75: number | null;
}

export interface Trait {
  indicator: string;
  kind: "level" | "trend";
  high: boolean;
  words: string;
  own: Band;
  others: Band;
}

export interface Step {
  kind: "pack" | "indicator";
  what: string;
  name: string;
  gain: number;
  /** Null where the ends of the interval would be of few. */
  low: number | null;
  high: number | null;
  /** At least so many took it. */
  members: number;
  proven: boolean;
  /** Median, in yuan; null where too few told it. */
  cost: number | null;
  words: string;
}

export interface Path {
  target: string;
  name: string;
  words: string[];
  steps: Step[];
}

export interface LearnedType {
  name: string;
  /** The month its figures are of; null while they are not told yet, empty where it is that of the edition. */
  since: string | null;
  /** At least so many members. */
  size: number;
  /** For who sees all figures. */
  exact: number | null;
  stability: number;
  stability_words: string;
  generated: number;
  traits: Trait[];
  paths: Path[];
}

export interface Group {
  by: "size" | "industry";
  id: string;
  name: string;
  size: number;
  generated: number;
  paths: Path[];
}

export interface Edition {
  edition: number;
  month: string;
  learned_ms: number;
  group: number;
  members: number;
  border: number;
  lacking: number;
  generated: number;
  withheld: string | null;
  words: string;
  left_out: string[];
  types: LearnedType[];
  classes: Group[];
}

export interface Told {
  editions: { edition: number; month: string }[];
  /** Null while nothing was learned. */
  told: Edition | null;
  /** The month that can be learned of now. */
  due: string | null;
  may_learn: boolean;
}

interface Sourced {
  edition: string;
  document: string;
  source: string;
  confidence: "found" | "own" | "unsure";
  confidence_words: string;
}

export interface Classed extends Sourced {
  scheme: string;
  name: string;
  id: string | null;
  /** Null where it is not known. */
  class: string | null;
  could_be: string[];
  why: string;
}

export interface Own {
  member: { id: number; name: string; generated: boolean };
  size: string | null;
  classes: Classed[];
  type: {
    edition: number;
    month: string;
    type: LearnedType | null;
    sure: number | null;
    /** Why it is of none. */
    why: string | null;
    withdrawn: boolean;
  } | null;
  paths: Group[];
  objections: Objection[];
}

export interface Tally extends Sourced {
  scheme: string;
  name: string;
  /** Null is not told: fewer than a group, or what would tell of few. */
  counts: { id: string; name: string; members: number | null }[];
  unknown: number | null;
  members: number;
  coverage: number;
}

export interface Reported {
  exact: boolean;
  generated: number;
  withheld: string | null;
  tallies: Tally[];
  shares: { indicator: string; name: string; month: string | null; bands: Bands | null; withheld: string | null; coverage: string[] }[];
  /** Sums; the value is null where it is not told, `withheld` says why. */
  totals: { id: string; name: string; month: string; value: number | null; unit: "machines" | "share"; withheld: string | null; coverage: string }[];
  not_told: { id: string; name: string; why: string }[];
}
