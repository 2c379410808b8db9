/** What the node tells of solution packs and needs. */
import type { Job } from "../jobs/watch.svelte";

export interface Indicator {
  id: string;
  name: string;
  unit: string;
  better: "higher" | "lower";
}

export interface Effect {
  mean: number;
  low: number;
  high: number;
  relative: boolean;
  alpha: number;
  members: number;
  /** Whether members of it were generated for a demonstration. */
  generated: boolean;
  until: string;
}

export interface Card {
  sha256: string;
  id: string;
  edition: number;
  title: string;
  summary: string;
  indicator: Indicator;
  effects: Effect[];
  cost: { once_cny: [number, number]; yearly_cny: [number, number]; days: number; members: number };
  offered_by: string;
  licence: string;
  came: "hub" | "file";
  taken_ms: number;
  newest: boolean;
  fits: boolean | null;
  why: string[];
  withdrawn: boolean;
  in_use: number[];
}

export interface Parameter {
  id: string;
  kind: "line" | "machine" | "station" | "number" | "text";
  words: string;
  unit: string;
  least: number | null;
  most: number | null;
  default: number | string | null;
  options: { id: string; name: string }[] | null;
}

export interface Setting {
  words: string;
  value: string;
  unit: string;
}

/** A change of an indicator as an interval. */
export interface Interval {
  low: number;
  high: number;
  relative: boolean;
}

export interface Asked extends Job {
  values: Values;
  line: string;
  outlook?: { foreseen: Interval | null; basis: string | null; silence: string | null };
  part?: number | null;
}

export interface Solution extends Card {
  parameters: Parameter[];
  plant: string;
  settings: Setting[];
  instruction: string;
  asked: Asked[];
}

export type Values = Record<string, string | number>;

export interface Draft {
  pack: string;
  values: Values;
  line: string | null;
  seen: string;
  changes_file: boolean;
  diff: string[];
  findings: { line: number; key: string; sentence: string; cure: string }[];
  changes: { name: string }[];
  settings: Setting[];
  instruction: string;
}

export interface MonthValue {
  month: string;
  value: number | null;
  coverage?: number | null;
}

export interface Measured {
  before: number | null;
  after: number | null;
  months_before: number;
  months_after: number;
  left_out: number;
  change: number | null;
  low: number | null;
  high: number | null;
  stand: "below" | "inside" | "above" | "apart" | null;
  relative: boolean;
  needs_coverage: number;
  series: { before: MonthValue[]; after: MonthValue[] };
}

export interface Applied {
  id: number;
  pack: string;
  title: string;
  edition: number;
  indicator: Indicator;
  values: Values;
  at_ms: number;
  month: string;
  foreseen: Interval | null;
  /** What it cost here. */
  cost_cny: number | null;
  /** What it costs each year, by the pack. */
  yearly_cny: [number, number];
  told: number | null;
  ended_ms: number | null;
  ended_month: string | null;
  restored: boolean;
  measured_ms: number | null;
  measured: Measured | null;
}

export interface Solutions {
  hub: string | null;
  packs: Card[];
  applied: Applied[];
  new?: number;
  listed?: number;
  problems?: { sentence: string }[];
}

export interface Need {
  number: number;
  title: string;
  words: string;
  indicator: Indicator | null;
  worth_cny: number | null;
  shown: "hub" | "members";
  made_ms: number;
  taken: boolean;
  back: number | null;
}

export interface Needs {
  needs: Need[];
  indicators: Indicator[];
}

export interface Offered {
  number: number;
  offers: { pack: string | null; words: string; by: string; title: string; here: boolean; measured: boolean; draft: boolean }[];
}
