/** The public HTTP API as the screens read it. Names of fields are the wire's own. */

import type { Language } from "../texts/catalogue";

export const STATES = [
  "running",
  "setup",
  "starved",
  "blocked",
  "down",
  "stopped",
  "planned_stop",
  "off",
  "unmapped",
  "no_data",
] as const;
export type State = (typeof STATES)[number];

export const KPIS = ["availability", "effectiveness", "quality", "oee"] as const;
export type Kpi = (typeof KPIS)[number];

export type Level = "machine" | "line" | "area" | "site";
export type Scope = `${Level}/${string}`;
export type SignalKind = "state" | "measure" | "counter" | "count" | "text" | "condition";

export interface Signal {
  id: string;
  kind: SignalKind;
  unit: string | null;
  description: string | null;
}

export interface Machine {
  id: string;
  name: string;
  label: string | null;
  source: string | null;
  signals: Signal[];
  /** Whether the plant file says how to tell its state; without rules nobody expects to know it. */
  state_rules: boolean;
  tally: boolean;
}

export interface Line {
  id: string;
  name: string;
  pace: string | null;
  product: string | null;
  machines: Machine[];
}

export interface Area {
  id: string;
  name: string;
  lines: Line[];
}

export interface Finding {
  line: number | null;
  key: string | null;
  problem: string;
  cure: string | null;
}

export interface Plant {
  id: string;
  name: string;
  timezone: string;
  production_day_starts: string;
  demo: boolean;
  version: string;
  states: State[];
  edition: { number: number; valid_from: string | null };
  findings: Finding[];
  areas: Area[];
}

export interface Lanes {
  from_ms: number;
  to_ms: number;
  now_ms: number;
  states: State[];
  machines: Record<string, { t: number[]; s: number[] }>;
}

export interface Lack {
  code: string;
  subject: Scope;
  what: string;
  effect: string;
  cure: string;
}

export interface Loss {
  id: string;
  seconds: number | null;
  kind: "time" | "speed" | "quality";
}

export type Interval = [low: number, high: number];
export type Shares = Record<Kpi, number | null>;
export type Seconds = Partial<Record<State, number>>;

export interface Row extends Shares {
  scope: Scope;
  level: Level;
  id: string;
  name: string;
  from: string;
  to: string;
  shift: string | null;
  production_day: string | null;
  product: string | null;
  /** The window cuts the row's shift or day; and whether only because that still goes on. */
  partial: boolean;
  so_far: boolean;
  range: Partial<Record<Kpi, Interval>>;
  planned_busy_s: number | null;
  planned_basis: "orders" | "calendar" | null;
  times_s: Seconds;
  planned_times_s: Seconds;
  produced: number | null;
  good: number | null;
  rejected: number | null;
  ideal_s: number | null;
  coverage: number | null;
  rule: "machine" | "pace_station" | "weighted_mean";
  pace: string | null;
  edition: number[];
  missing: Lack[];
  suspect: Lack[];
  losses: Loss[];
}

export interface OpenedNumber {
  kpi: Kpi;
  name: string;
  standard: string;
  formula: string;
  substituted: string | null;
  value: number | null;
  range: Interval | null;
  row: Row;
  inputs: { id: string; name: string; value: number | null; unit: "s" | "1" | ""; origin: string }[];
  intervals: CountedInterval[];
  intervals_total: number;
  excluded: { start: string; end: string; seconds: number; reason: string; text: string }[];
  excluded_s: number;
  coverage: number | null;
  missing: Lack[];
  rule: { code: Row["rule"]; text: string };
  editions: { number: number; valid_from: string | null; sha256: string }[];
  members: { scope: Scope; name: string; weight: number | null; value: number | null }[];
}

export interface CountedInterval {
  start: string;
  end: string;
  seconds: number;
  state: State;
  counted_as: string | null;
}

export interface ShiftNow {
  name: string;
  start_ms: number;
  end_ms: number;
  production_day: string;
}

export interface Shift extends ShiftNow {
  breaks: [number, number][];
}

export interface OeeNow extends Shares {
  coverage: number | null;
  /** How many inputs are missing, and the code of each. */
  missing: number;
  lacks: string[];
}

/** How long the disk will do, in words; `cure` where somebody must act. */
export interface Keeping {
  state: "well" | "note" | "wrong";
  reason: string;
  cure: string | null;
}

export interface Units {
  good: number | null;
  rejected: number | null;
  produced: number | null;
}

export interface MachineNow {
  state: State;
  since_ms: number;
  stale: boolean;
  age_s: number | null;
  /** What is wrong with its source, in every language. */
  reason: Record<Language, string> | null;
  product: string | null;
  /** Absent until the node has judged the machine for the first time. */
  units?: Units | null;
  oee?: OeeNow;
}

/** The live document. Null stands where something has left the plant since the snapshot. */
export interface Now {
  shift: ShiftNow | null;
  machines: Record<string, MachineNow | null>;
  lines: Record<string, OeeNow | null>;
  areas: Record<string, OeeNow | null>;
  /** Empty until the node has judged for the first time. */
  site: Partial<OeeNow>;
}

export interface TextSamples {
  t: number[];
  v: (string | null)[];
  /** How many changes the window holds; the oldest are left out beyond the limit asked for. */
  total: number;
}
