/** The twin of a line as the API tells it. Names of fields are the wire's own. */
import type { Job } from "../jobs/watch.svelte";

export const TWIN_STATES = ["working", "setup", "waiting", "blocked", "starved", "down", "off"] as const;
export type TwinState = (typeof TWIN_STATES)[number];

/** A mean and the half-width of its interval; null where there are too few replications for one. */
export interface Measure {
  mean: number;
  half_width: number | null;
}

export interface Gap extends Measure {
  relative: Measure | null;
}

/** A mean, or what was forecast as one, with the ends of its interval. */
export interface Between {
  mean: number;
  low: number;
  high: number;
}

export interface TwinStation {
  id: string;
  name: string;
  servers: number;
  buffer: {
    /** Null is a buffer without limit. */
    capacity: number | null;
    seen: number | null;
    known: "measured" | "at_least" | "assumed" | "entered" | null;
  };
  shares: Record<TwinState, Measure>;
  observed: Record<TwinState, number> | null;
  coverage: number | null;
  to: string[];
}

export interface Parameter {
  path: string;
  what: string;
  station: string | null;
  station_name: string | null;
  about: string;
  value: number | null;
  unit: string;
  n: number;
  low: number | null;
  high: number | null;
  confidence: number;
  origin: "measured" | "assumed" | "entered";
  note: string;
}

export interface Coverage {
  level: number;
  inside: number;
  of: number;
  low: number;
  high: number;
  kept: boolean;
}

export type Standing = "better" | "level" | "worse";

export interface Score {
  /** "made", or a state of the station. */
  measure: string;
  station: string | null;
  station_name: string | null;
  /** "%" stands for shares of one. */
  unit: string;
  n: number;
  epochs: (Between & { start_ms: number; end_ms: number; observed: number })[];
  coverage: Coverage[];
  error: Between;
  contests: { baseline: "last_week" | "rate"; twin: number; other: number; verdict: Standing }[];
  verdict: Standing;
}

export type TrustVerdict = "good" | "limited" | "worse" | "untested";

/** One of the trials by itself: `rung` and `verdict` are said in the reader's language. */
export interface Rung {
  rung: string;
  verdict: string;
  told: "held" | "open" | "failed" | "untried";
}

export interface Trust {
  verdict: TrustVerdict;
  rungs: Rung[];
  /** Whether somebody stated the change it was tried on. */
  stated: boolean;
  trusted: string[];
  not_trusted: string[];
  cut_ms: number | null;
  shifts: number;
  scores: Score[];
}

export interface BottleneckStation {
  name: string;
  gain: Gap;
  repair_gain: Gap | null;
  p_best: number;
  active_alone: Measure;
  active_shifting: Measure;
  blocked: Measure;
  starved: Measure;
  turning_point: boolean;
}

export interface Bottleneck {
  bottleneck: string | null;
  alike: string[];
  cut: number;
  decided: boolean;
  confidence: number;
  stations: BottleneckStation[];
}

export interface Twin {
  id: number;
  made_ms: number;
  from_ms: number;
  to_ms: number;
  stations: TwinStation[];
  throughput: Measure;
  observed_throughput: number;
  /** What the page reads of the line model. */
  model: { stations: Record<string, unknown>; sources?: Record<string, unknown>; resources?: Record<string, { count: number }> };
  parameters: Parameter[];
  findings: { path: string; sentence: string; cure: string }[];
  drift: { what: string; station: string; about: string; since_ms: number; factor: number; sentence: string }[];
  bottleneck: Bottleneck | null;
  trust: Trust;
}

export interface TwinView {
  line: string;
  name: string;
  twin: Twin | null;
  job: Job | null;
}

export interface Tonight {
  made_ms: number;
  shift: { name: string; start_ms: number; end_ms: number };
  units: Between & { now: number; level: number };
  made: { time_ms: number; units: number }[];
  path: (Between & { time_ms: number })[];
  orders: {
    id: string;
    product: string;
    quantity: number;
    made: number;
    due_ms: number;
    on_time: number | null;
    expected: number | null;
  }[];
}

export interface Change {
  name: string;
  set?: Record<string, unknown>;
  scale?: Record<string, number>;
  remove?: string[];
}

/** What was changed in a line, and since when: epoch milliseconds, as text. */
export interface ChangeMade {
  since: string;
  changes: Change[];
}

export type Question = "what_if" | "rank" | "buffers" | "shock";

export interface Shock {
  kind: "station" | "source" | "resource" | "power";
  name: string;
  start: number;
  duration: number;
  less?: number;
}

export interface Asked extends Job {
  params: { question: Question | "bottleneck"; changes?: Change[]; places?: number; shock?: Shock };
  result: Answer | null;
}

interface Told {
  horizon: number;
  confidence: number;
  replications: number;
}

export type AnswerVerdict = "better" | "worse" | "open";

export interface Compared {
  today: Measure;
  changed: Measure;
  difference: Gap;
  verdict: AnswerVerdict;
}

export const AIMS = ["throughput", "lead_time", "wip", "scrapped", "on_time"] as const;
export type Aim = (typeof AIMS)[number];

export interface WhatIf extends Told {
  answer: "what_if";
  changes: {
    name: string;
    measures: Partial<Record<Aim, Compared>>;
    orders: Record<string, Compared>;
    deadlocks: number;
  }[];
}

export interface Ranked extends Told {
  answer: "rank";
  aim: Aim;
  zone: number;
  decided: boolean;
  best: string | null;
  /** A name of null is the line as it is today. */
  ranking: { name: string | null; gain: Gap; p_best: number; p_within_zone: number; replications: number }[];
}

export interface Buffers extends Told {
  answer: "buffers";
  places: number;
  equal: { allocation: Record<string, number>; throughput: Measure };
  best: Record<string, number>;
  gain: Gap;
  totals: { places: number; allocation: Record<string, number>; throughput: Measure }[];
}

export interface ShockCosts extends Told {
  answer: "shock";
  shock: Shock;
  lost: Measure;
  worst: Measure & { time: number };
  throughput_back: number | null;
  caught_up: number | null;
  course: (Measure & { time: number })[];
  softened: { best: string | null; decided: boolean; ranking: { name: string | null; missing: Measure; p_best: number }[] } | null;
}

export type Answer = WhatIf | Ranked | Buffers | ShockCosts | (Bottleneck & { answer: "bottleneck" });
