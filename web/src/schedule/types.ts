/** Schedules as the API tells them. Names of fields are the wire's own. */
import type { Job } from "../jobs/watch.svelte";

export interface Problem {
  name?: string;
  time_unit?: string;
  calendars?: Record<string, { on: [number, number][]; period?: number | null }>;
  machines: Record<string, { calendar?: string | null }>;
  jobs: Record<string, { product?: string; due?: number; operations: { name?: string; on: Record<string, number> }[] }>;
}

export interface Operation {
  job: string;
  operation: string;
  machine: string;
  start: number;
  end: number;
  setup: number;
}

export interface Plan {
  time_unit: string;
  cost: number;
  bound: number;
  optimal: boolean;
  makespan: number;
  weighted_tardiness: number;
  operations: Operation[];
  jobs: Record<string, { completed: number; due: number | null; late: number; on_time: boolean }>;
  machines: Record<string, { working: number; setup: number; on: number; utilisation: number }>;
  seconds: number;
}

export interface Between {
  mean: number;
  low: number;
  high: number;
}

export interface Prospect {
  replications: number;
  cost: Between;
  makespan_mean: number;
  makespan_5: number;
  makespan_95: number;
  all_on_time: Between | null;
  jobs: Record<string, { on_time: Between | null; completed_mean: number; completed_95: number }>;
}

/** A plan, how sure it is, and whose laws say so. */
export interface Judged {
  plan: Plan;
  prospect: Prospect | null;
  laws: Record<string, "measured" | "problem" | "none">;
}

export interface Search extends Job {
  title: string;
  seconds: number;
  seed: number;
  line: string | null;
  figures: {
    cost: number;
    bound: number;
    optimal: boolean;
    makespan: number;
    weighted_tardiness: number;
    seconds: number;
    late: number;
    jobs: number;
    stopped: boolean;
  } | null;
}

export interface SearchView extends Search {
  problem: Problem;
  found: (Judged & { stopped: boolean }) | null;
}

export interface Searches {
  solver: boolean;
  twins: { line: string; name: string }[];
  searches: Search[];
}
