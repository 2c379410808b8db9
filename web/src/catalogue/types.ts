/** What the node tells of grades. */
export const GRADES = ["general", "important", "core"] as const;
export type Grade = (typeof GRADES)[number];
export const MODES = ["is", "least", "whole"] as const;
export type Mode = (typeof MODES)[number];

/** One thing; what is left out is empty, not known or the same for all of its kind. */
export interface Thing {
  id: string;
  name?: string;
  place: string;
  gone?: boolean;
  grade: Grade;
  labels?: string[];
  why?: string;
  rows?: number;
  bytes?: number;
  first_ms?: number;
  last_ms?: number;
  kept?: string;
  out?: string[];
}

export interface Kind {
  name: string;
  why: string;
  holds: string;
  tables: string[];
  readers: string[];
}

export interface Label {
  id: string;
  words: string;
  least: Grade;
  leaves: boolean;
  own: boolean;
  used: number;
  /** So long at most values that bear it are kept. */
  keep_days: number | null;
}

export interface Statement {
  branch: string;
  mode: Mode;
  grade: Grade | null;
  labels: string[];
  days: number;
  share: number;
  reason: string;
  by: string;
  at_ms: number;
  withdrawn: boolean;
}

export interface Fact {
  id: string;
  words: string;
  source: string;
  confidence: "found" | "memory" | "own";
}

export interface Catalogue {
  things: Thing[];
  kinds: Record<string, Kind>;
  labels: Label[];
  grades: (Fact & { id: Grade; name: string })[];
  duties: Fact[];
  falls: Fact[];
  said: Statement[];
  overruled: (Statement & { thing: string; because: string })[];
  gone: Statement[];
  counted_ms: number | null;
}

interface Named {
  thing: string;
  grade: Grade;
}

export interface Opened extends Thing {
  because: string;
  path: { thing: string; because: string }[];
  label_paths: Record<string, string[]>;
  inputs: Named[];
  goes_into: Named[];
  branches: string[];
  said: Statement[];
  history: Statement[];
}

export interface Preview {
  raised: Record<string, number>;
  lowered: Record<string, number>;
  relabelled: Record<string, number>;
  above: { thing: string; grade: Grade; because: string }[];
  above_count: number;
}

export interface Taken {
  kept: boolean;
  rows: number;
  problems: { row: number; sentence: string; cure: string | null }[];
  preview: Preview | null;
}

export const kindOf = (thing: string): string => thing.split("/", 1)[0] ?? thing;
