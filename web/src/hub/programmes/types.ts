/** Support programmes and applications as the hub tells them. */

export interface Range {
  /** No bound where it is null. */
  low: number | null;
  high: number | null;
}

export type Standing = "eligible" | "unknown" | "not";
export type Value = number | boolean | string;
type Confidence = "found" | "own" | "unsure";

export interface Sure {
  confidence: Confidence;
  confidence_words: string;
}

export interface Input {
  name: string;
  kind: "number" | "truth" | "choice";
  words: string;
  unit: string;
  least: number | null;
  most: number | null;
  choices: { id: string; words: string }[];
  evidence: string[];
  /** Where members tell it; null where it is stated for each application. */
  told_by: "profile" | "indicator" | null;
}

export interface Evidence {
  id: string;
  shows: "indicator" | "record" | "document";
  words: string;
  indicator: string | null;
}

export interface Parameter {
  name: string;
  words: string;
  unit: string;
  /** Null where the rule has none on that day. */
  value: number | null;
  phases: number;
  budget: boolean;
}

export interface Condition extends Sure {
  id: string;
  words: string;
  /** Null where a person confirms it. */
  when: string | null;
  evidence: string[];
}

export interface Step {
  name: string;
  words: string;
  unit: string;
  formula: string;
}

export interface Programme extends Sure {
  id: string;
  name: string;
  edition: string;
  sha256: string;
  country: string;
  region: string;
  document: string;
  source: string;
  from: string;
  to: string | null;
  in_force: boolean;
  dated_by: string;
  authority: string;
  /** With whom it is to be confirmed. */
  confirm: string;
  unit: string;
  timing: "year" | "once" | "deferred";
  amount: string;
  budget: number | null;
  inputs: Input[];
  parameters: Parameter[];
  conditions: Condition[];
  steps: Step[];
  evidence: Evidence[];
  excludes: string[];
  combines: string[];
  cautions: ({ words: string } & Sure)[];
}

export interface Finding {
  file: string;
  line: number;
  key: string;
  programme: string;
  sentence: string;
  cure: string;
}

export interface Listed {
  on: string;
  programmes: Programme[];
  /** For who can do something about them. */
  findings: Finding[] | null;
}

export interface Known {
  name: string;
  words: string;
  value: Value;
  said: Value;
  unit: string | null;
  source: "profile" | "indicator" | "stated";
  month: string | null;
  origin: "measured" | "entered" | "generated" | null;
  coverage: number | null;
}

export interface Judged extends Sure {
  id: string;
  words: string;
  when: string | null;
  /** Null where it is not known. */
  holds: boolean | null;
  missing: string[];
  evidence: string[];
}

export interface Outcome {
  standing: Standing;
  on: string;
  amount: Range;
  if_eligible: Range;
  unit: string;
  timing: Programme["timing"];
  conditions: Judged[];
  steps: (Step & { value: Range })[];
  missing: Input[];
  evidence: Evidence[];
  known: Known[];
}

export interface Fit {
  programme: Programme;
  outcome: Outcome;
}

export interface Sum {
  unit: string;
  timing: Programme["timing"];
  amount: Range;
  chosen: string[];
  left_out: { programme: string; by: string[] }[];
}

export interface Fits {
  member: number;
  on: string;
  fits: Fit[];
  sums: Sum[];
}

/** What is supposed, by programme and name. */
export type Supposed = Record<string, Record<string, Value>>;

export type State = "drafted" | "applied" | "asked" | "granted" | "refused" | "appealed" | "withdrawn";

export interface Brief {
  number: number;
  member: number;
  member_name: string | null;
  generated: boolean;
  programme: string;
  programme_name: string;
  unit: string | null;
  state: State;
  state_words: string;
  appealed: boolean;
  on: string;
  drafted_ms: number;
  last_ms: number;
  granted: number;
  paid: number;
  overdue: string[];
  purpose: string;
}

export interface Budget {
  programme: string;
  name: string;
  unit: string;
  budget: number;
  committed: number;
}

export interface Applications {
  applications: Brief[];
  more: boolean;
  budgets: Budget[] | null;
}

export interface Taken {
  step: "drafted" | "applied" | "asked" | "answered" | "decided" | "appealed" | "judged" | "paid" | "recovered" | "measured" | "withdrawn";
  at_ms: number;
  side: "member" | "hub";
  who: string | null;
  mine: boolean;
  reasons?: string;
  question?: string;
  answer?: string;
  purpose?: string;
  granted?: boolean;
  amount?: number;
  payment?: string;
  milestone?: string;
  met?: boolean;
  indicator?: string;
  effect?: number;
  low?: number;
  high?: number;
  /** Of what was measured: the plan of its pilot, and what people need to read it. */
  comparison?: string;
  relative?: boolean;
  indicator_name?: string;
  unit?: string;
  step_width?: number;
  ratio?: boolean;
  pilot?: { number: number; name: string } | null;
  verdict_words?: string | null;
}

export interface Proof {
  evidence: string;
  sha256: string;
  statement?: number;
  name?: string;
}

export interface Statement {
  number: number;
  sha256: string;
  month: string;
  indicators: string[];
}

export interface Full extends Brief {
  rule: Programme | null;
  /** Of the edition by which it is decided. */
  sha256: string;
  known: Known[];
  outcome: Outcome | null;
  proofs: { evidence: string; words: string; sha256: string; statement: number | null; name: string }[];
  steps: Taken[];
  payments: { id: string; amount: number; due: string; milestone: string | null; state: "paid" | "payable" | "waits" | "lapsed" }[];
  milestones: { id: string; words: string; due: string; met: boolean | null }[];
  recovered: number;
  /** Pilots that can tell what the grant did, for who may say so. */
  comparisons: { plan: string; number: number; name: string }[];
  may: Taken["step"][];
  why_not: string | null;
  statements: Statement[];
}

/** Why somebody may not review what a member applies for; `until_ms` is null while it goes on. */
export interface Conflict {
  account: number;
  who: string;
  mine: boolean;
  why: string;
  since_ms: number;
  until_ms: number | null;
  ended_by: string | null;
  ended_why: string | null;
}
