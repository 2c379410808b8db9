/** What a change of a rule would do, as the hub tells it; null is withheld or not known. */

export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export type Told = Estimate | null;

export const MOVED = ["gains", "loses", "enters", "drops_out", "cannot_say"] as const;
export type Moved = (typeof MOVED)[number];

export type Movement = Record<Moved | "cost_before" | "cost_after", Told> & {
  id: string;
  name: string;
  members: number | null;
  enterprises: number | null;
};

export interface Bounds {
  low: number | null;
  high: number | null;
}

export const SPREAD = ["receivers", "tenth", "median", "nine_tenths", "largest_tenth"] as const;
export type Spread = Record<(typeof SPREAD)[number], Told>;

export interface Budget {
  budget: number;
  share: Told;
  exceeded: number | null;
}

export interface Uneven {
  measure: "gini" | "theil_t";
  members: number;
  before: Told;
  after: Told;
  difference: Told;
}

export interface Effect {
  programme: string;
  on: string;
  by: By;
  unit: string;
  level: number;
  edition_after: string;
  /** Whether any figure of the rule is another one. */
  changed: boolean;
  withheld: string | null;
  members: number;
  generated: number;
  left_out: number;
  whole: Movement;
  classes: Movement[];
  difference: Told;
  cost_before: Bounds;
  cost_after: Bounds;
  spread_before: Spread;
  spread_after: Spread;
  budget_before: Budget | null;
  budget_after: Budget | null;
  unevenness: Uneven[];
  gaps: { name: string; words: string; members: number; filled: boolean }[];
  notes: string[];
}

export interface Answer {
  job: number | null;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  problem: { detail: string; cure: string | null } | null;
  effect: Effect | null;
}

export const BYS = ["size", "industry", "region"] as const;
export type By = (typeof BYS)[number];

export interface Change {
  programme: string;
  parameters: Record<string, number>;
  by: By;
  assumed: Record<string, number | boolean | string>;
  stand: boolean;
  share_budget: boolean;
  generated: boolean;
}
