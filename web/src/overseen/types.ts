/** What the node tells of the authorities that oversee its plant by a hub. */
export interface Trouble {
  key: string;
  sentence: string;
  cure: string | null;
}

export interface Said {
  number: number;
  made_ms: number;
  state: "made" | "taken" | "refused";
  state_name: string;
  problem: Trouble | null;
}

export interface Named {
  id: string;
  name: string;
}

export interface Question {
  sha256: string;
  number: number;
  title: string;
  words: string;
  purpose: string;
  basis: string;
  kind: "yes_no" | "band" | "proof";
  kind_name: string;
  indicators: Named[];
  month: string | null;
  rule: string;
  bands: string[];
  duty: boolean;
  due_ms: number | null;
  published_ms: number;
  state: string;
  state_name: string;
  /** Somebody brought it as a file, and the hub has said nothing of it yet. */
  carried: boolean;
  reply: (Said & { words: string }) | null;
}

export interface HeldMonth {
  month: string;
  value: number | null;
  state: "kept" | "beyond" | "untold";
  state_name: string;
}

export interface HeldLimit extends Named {
  least: number | null;
  most: number | null;
  months_in_a_row: number;
  words: string;
  unit: string;
  months: HeldMonth[];
}

export interface Sandbox {
  sha256: string;
  number: number;
  title: string;
  relaxed: string;
  basis: string;
  first: string;
  last: string;
  follows: string | null;
  state: string;
  state_name: string;
  carried: boolean;
  why: string;
  /** As the hub judged them. */
  months: { month: string; limits: (Named & { state: string; state_name: string })[] }[];
  limits: HeldLimit[];
  word: (Said & { agrees: boolean }) | null;
}

export interface Happened extends Said {
  concern: string;
  concern_name: string;
  severity: number;
  severity_name: string;
  title: string;
  words: string;
  began_ms: number;
  ended_ms: number | null;
}

export interface Incident extends Happened {
  more: Happened[];
  looks: { at_ms: number; who: string; purpose: string }[];
}

export interface Input {
  what: string;
  share: number;
  stock_days: number;
  replaced_days?: number | null;
}

export interface Recovery {
  shock: "supplier" | "power" | "price";
  what?: string;
  size: number;
  days: number;
  output_lost: [number, number];
  recovery_days: [number, number];
}

export interface Exposure extends Said {
  month: string;
  inputs: Input[] | null;
  energy: { power_kw: number; cost_share?: number | null; spared?: number } | null;
  recoveries: Recovery[] | null;
}

export interface Told {
  member: boolean;
  hub: { id: string; name: string; address: string };
  asked_ms: number | null;
  problem: Trouble | null;
  /** Which things the open release names. */
  released: Record<string, boolean>;
  questions: Question[];
  sandboxes: Sandbox[];
  incidents: Incident[];
  concerns: Named[];
  severities: { id: number; name: string }[];
  exposure: Exposure | null;
}

export interface Draft {
  raw: string;
  digest: string;
  things: string[];
  missing: string[];
  held: Trouble | null;
  words?: string;
  origin_name?: string;
  coverage?: number | null;
  values?: { indicator: string; name: string; value: number | null; absent_name: string | null; coverage: number | null; origin_name: string }[];
  reveals?: { characters: number; numbers: number; names: Record<string, string[]> } | null;
}

export interface Basis {
  month: string;
  power_kw: number | null;
  signals: Record<string, number>;
  silent: string[];
  answers: { job: number; line: string; name: string; shock: { kind: "source" | "power"; name: string; less: number; duration: number }; asked_ms: number }[];
}
