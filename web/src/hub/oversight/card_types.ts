/** Sandboxes and incidents as the API of a hub writes them. */
export type Verdict = "kept" | "beyond" | "untold";
export type Stage = "offered" | "agreed" | "running" | "judging" | "ended";

export interface LimitTold {
  indicator: string;
  name: string;
  unit: string;
  /** The grid of the indicator. */
  step: number;
  ratio: boolean;
  least: number | null;
  most: number | null;
  /** So many months in a row in which it is not kept end the sandbox. */
  months: number;
  kept: number;
  beyond: number;
  untold: number;
}

export interface Judged {
  indicator: string;
  verdict: Verdict;
  value: number | null;
  coverage: number | null;
  origin: string | null;
}

export interface JudgedMonth {
  month: string;
  edition: number;
  judged_ms: number;
  limits: Judged[];
}

export interface Warned {
  key: string;
  words: string;
}

export interface Sandbox {
  number: number;
  member: number;
  member_name: string;
  generated: boolean;
  title: string;
  relaxed: string;
  words: { title: Both; relaxed: Both };
  basis: string;
  first: string;
  last: string;
  follows: number | null;
  stage: Stage;
  ended_ms: number | null;
  why_words: string | null;
  reasons: string;
  limits: LimitTold[];
  months: JudgedMonth[];
  /** The month that it is. */
  now: string;
  warnings: Warned[];
  envelope: unknown;
  report: unknown;
}

export interface Both {
  en: string;
  zh: string;
}

/** What a list shows of an incident, before anybody looks. */
export interface Listed {
  number: number;
  concerns: string[];
  shared: string[];
  severity: number;
  month: string;
  state: "open" | "closed";
  words: number;
  looked: number;
}

export interface Act {
  by: string;
  /** None for the member, who knows accounts by their numbers. */
  by_name?: string | null;
  at_ms: number;
  purpose?: string;
  reasons?: string;
  concern?: string;
}

export interface Incident extends Listed {
  member: number;
  member_name?: string;
  generated?: boolean;
  thread: { statement: number; concern: string; severity: number; title: string; words: string; began_ms: number; ended_ms: number | null; made_ms: number }[];
  looks: Act[];
  shares: Act[];
  closures: Act[];
}

export interface Incidents {
  listed: Listed[];
  own: Incident[];
  concerns: { id: string; name: Both }[];
}

export interface Counts {
  step: number;
  generated: boolean;
  counts: { quarter: string; concern: string; severity: number | null; at_least: number }[];
}
