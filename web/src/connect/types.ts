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

/** What the plant says of itself to others. */
export interface Publishing {
  type: string;
  url: string;
  name: string;
  host: string | null;
  host_online: boolean | null;
  state: SourceState;
  reason: string;
  cure: string | null;
  born_ms: number | null;
  sent_ms: number | null;
  waits_since_ms: number | null;
  given_up_ms: Span | null;
  messages: number;
  values: number;
  historical: number;
  births: number;
  refused: number;
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
  files: FileRead[];
}

export interface FileRead {
  name: string;
  time_ms: number;
  rows: number;
  values: number;
  faulty: number;
  faults: { line: number; column: string; example: string; problem: string; cure: string | null }[];
  problem: string | null;
  cure: string | null;
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

export interface Certificate {
  subject: string;
  issuer: string;
  self_signed: boolean;
  application: string;
  since_ms: number;
  until_ms: number;
  in_time: boolean;
  sha256: string;
  sha1: string;
}

export interface Pairing {
  source: string;
  secured: string | null;
  offers: string[];
  logins: string[];
  application: string | null;
  shown: Certificate | null;
  trusted: boolean;
  decidable: boolean;
  key: string | null;
  reason: string | null;
  cure: string | null;
  expected: string[];
  last: { trusted: boolean; who: string; time_ms: number; fingerprint: string; subject: string } | null;
  own: Certificate | null;
  options: string | null;
}
