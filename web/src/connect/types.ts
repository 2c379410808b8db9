/** Sources as the API tells them. */
import type { SignalKind } from "../api/types";
import type { Job } from "../jobs/watch.svelte";
import type { Language } from "../texts/catalogue";

export const KINDS: readonly SignalKind[] = ["state", "measure", "counter", "count", "text", "condition"];

export type SourceState = "starting" | "active" | "degraded" | "stopped";
export type Span = [from: number, to: number];

export interface Source {
  id: string;
  type: string;
  url: string | null;
  machines: string[];
  promise: "acknowledged" | "replayable" | "best effort" | null;
  state: SourceState;
  reason: string;
  cure: string | null;
  stale_after_s: number;
  last_ms: number | null;
  age_s: number | null;
  since_ms: number;
  values: number;
  heard_per_s: number;
  stored_per_s: number;
  waiting: number;
  most_waiting: number;
  dropped: number;
  losses: number;
  failures: number;
  failure: { time_ms: number; reason: string } | null;
  skew_s: number | null;
}

export type Quality = "good" | "uncertain" | "bad" | "no_data";

export interface SourceSignal {
  machine: string;
  signal: string;
  address: string;
  kind: SignalKind;
  unit: string;
  value: number | string | null;
  quality: Quality | null;
  time_ms: number | null;
  age_s: number | null;
}

export interface SourceView extends Source {
  signals: SourceSignal[];
  told: { time_ms: number; reason: string; cure: string | null }[];
  told_total: number;
}

export interface Heard {
  from_ms: number;
  to_ms: number;
  sources: Record<string, Span[]>;
}

export interface SourceOption {
  name: string;
  default: number | boolean | string;
  low: number | null;
  high: number | null;
  description: string;
}

export interface SourceType {
  type: string;
  promise: Source["promise"];
  address: string | null;
  options: SourceOption[];
}

export interface DraftSignal {
  address: string;
  kind: SignalKind;
  unit: string;
}

export interface Draft {
  id: string;
  type: string;
  url: string;
  device: string;
  options: Record<string, number | boolean | string>;
  machine: string;
  line: string;
  signals: DraftSignal[];
}

export interface Fragment {
  fragment: string;
  findings: { key: string; problem: string; cure: string }[];
}

type Said = Record<Language, string | null>;

export interface Trial {
  source: string;
  state: SourceState;
  reason: Said;
  cure: Said;
  values: number;
  skew_s: number | null;
  losses: { time_ms: number; reason: Said }[];
  addresses: {
    address: string;
    kind: SignalKind;
    count: number;
    value: number | string | null;
    quality: Quality | null;
    time_ms: number | null;
    wrong: Said | null;
  }[];
}

export interface TrialJob extends Job {
  title: string;
  result: Trial | null;
}

export interface Pack {
  id: string;
  name: string;
}

export interface LookJob extends Job {
  title: string;
  result: { csv: string; proposal: { notes: string[] } } | null;
}
