/** What a hub asks and what came of it, as its API writes it; times in epoch milliseconds. */

export type Kind = "yes_no" | "band" | "proof";
export const STATES = ["answered", "open", "overdue", "excused", "left", "withdrawn"] as const;
export type State = (typeof STATES)[number];

export interface To {
  industries?: string[];
  sizes?: string[];
  regions?: string[];
  traits?: string[];
  members?: number[];
}

/** Counts "at least", in steps of a group. */
export interface Told {
  asked: number;
  answered: number;
  declined: number;
  parts: number[];
}

export interface Question {
  number: number;
  sha256: string;
  title: string;
  words: string;
  purpose: string;
  basis: string;
  kind: Kind;
  kind_words: string;
  indicators: { id: string; name: string }[];
  month: string | null;
  rule: string;
  edges: number[];
  unit: string;
  to: To;
  members: number;
  generated: boolean;
  group: number;
  duty: boolean;
  due_ms: number;
  published_ms: number;
  entry: number;
  state: "open" | "over" | "withdrawn";
  follows: number | null;
  withdrawn: { at_ms: number; why: string } | null;
  told: Told | null;
}

export interface Listed {
  now_ms: number;
  questions: Question[];
}

export interface Reply {
  number: number;
  sha256: string;
  received_ms: number;
  yes: boolean | null;
  band: number | null;
  document: boolean;
  declined: boolean;
  absent: string | null;
  origin: "measured" | "entered" | "generated";
  origin_words: string;
  coverage: number | null;
  why: string;
}

export interface Stand {
  member: number;
  name: string;
  generated: boolean;
  state: State;
  state_words: string;
  due_ms: number;
  waiver: { due_ms: number | null; why: string } | null;
  reply: Reply | null;
  remark: string | null;
  proof: { found: string; words: string; again: number | null } | null;
}

export interface Counts {
  asked: number;
  states: Record<State, number>;
  declined: number;
  absent: number;
  entered: number;
  otherwise: number;
  parts: number[];
}

export interface Replies {
  question: number;
  replies: Stand[];
  more: boolean;
  counts: Counts | null;
}

export interface Own {
  member: number;
  questions: (Stand & { question: Question })[];
}

export interface Obligations {
  now_ms: number;
  obligations: { question: Question; states: Record<State, number> }[];
}

/** A question that is being written. */
export interface Draft {
  title: { en: string; zh: string };
  words: { en: string; zh: string };
  purpose: { en: string; zh: string };
  basis: string;
  kind: Kind;
  indicators: string[];
  month: string | null;
  rule: string;
  edges: number[];
  unit: string;
  to: Required<To>;
  due_ms: number;
  duty: boolean;
  follows: number | null;
  why: string;
}
