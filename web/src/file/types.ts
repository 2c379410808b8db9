/** A file on its way into the history, as the API tells of it. */
import type { SignalKind } from "../api/types";
import type { Job } from "../jobs/watch.svelte";
import type { Language } from "../texts/catalogue";

export interface Upload {
  id: string;
  name: string;
  size: number;
}

export type Form = "wide" | "long";

/** What is said of a file; null is found or proposed. */
export interface Reading {
  source: string | null;
  sheet: string | null;
  time_column: string | null;
  clock_column: string | null;
  machine_column: string | null;
  signal_column: string | null;
  value_column: string | null;
  names: Record<string, string> | null;
  day_first: boolean | null;
  zone: string | null;
}

export type Said = Record<Language, { problem: string; cure: string | null }>;

export interface Fault {
  reason: string;
  line: number;
  column: string;
  example: string;
}

/** What a reading of the file found. */
export interface Found {
  lines: number;
  observations: number;
  encoding: string;
  first: number | null;
  last: number | null;
  rows: number;
  faulty: number;
  faults: Fault[];
  set_aside: Record<string, { count: number; line: number; example: string }>;
  reasons: Record<string, Said>;
  unwanted: Record<string, number>;
  ambiguous: number;
  same_moment: number;
}

export interface Target {
  address: string;
  kind: SignalKind;
  unit: string;
  of: { machine: string; name: string; signal: string }[];
}

export interface Preview {
  file: string;
  format: "csv" | "xlsx" | "parquet" | "shdr";
  sheets: string[];
  columns: string[];
  head: { row: number; cells: string[] }[];
  form: Form | null;
  items: string[];
  reading: Reading;
  sources: { id: string; addresses: Target[] }[];
  zone: string;
  problem: { key: string; words: Said } | null;
  checked: (Found & { whole: boolean }) | null;
}

export interface ImportJob extends Job {
  title: string;
  result: { files: (Found & { file: string; source: string; stored: number; repeated: number })[] } | null;
}
