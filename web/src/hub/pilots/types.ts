/** Pilots as the hub tells them. Null stands for what is not told, or has no bound. */

export interface Interval {
  mean: number | null;
  low: number | null;
  high: number | null;
}

export const STATES = ["running", "over", "planned", "judged", "cancelled"] as const;
export type State = (typeof STATES)[number];
export type Verdict = "worked" | "failed" | "open";
export type Group = "treated" | "comparison";

/** What an effect is in: of the indicator's unit, or a share of the level before. */
export interface Measured {
  unit: string;
  relative: boolean;
}

export interface Months {
  first: string;
  start: string;
  last: string;
  /** The one that it is. */
  month: string;
}

export interface Brief extends Measured, Months {
  number: number;
  name: string;
  indicator: string;
  indicator_name: string;
  expected: number;
  worth: number;
  fixed_ms: number;
  state: State;
  state_words: string;
  verdict: Verdict | null;
  verdict_words: string | null;
  /** Exact, or at least so many. */
  treated: number | null;
  comparison: number | null;
  exact: boolean;
  generated: boolean;
  own: { member: number; group: Group }[];
}

export interface Listed {
  pilots: Brief[];
  /** The month that it is at the hub. */
  month: string;
  may_plan: boolean;
  least: number;
}

/** A month of the picture: 0 is the first that counts as after. */
export interface Point {
  month: number;
  effect: Interval | null;
  together: Interval;
  treated: number | null;
  comparison: number | null;
}

export interface Checks {
  p_chance: number | null;
  parallel: { p: number | null; largest: Interval; month: number; not_ruled_out: number | null; drift: Interval } | null;
  fakes: { start: Interval | null; share: number | null; number: number };
  without: { member: number; name: string | null; effect: Interval }[];
  planned: Record<Group, number>;
  unused: number[];
  missing: number;
  generated: number;
}

export interface Found {
  verdict: Verdict;
  headline: string;
  findings: string[];
  effect: Interval;
  picture: Point[];
  counted: Record<Group, number>;
  checks: Checks | null;
}

interface Judged {
  sha256: string;
  entry: number;
  at_ms: number;
  withheld: string | null;
}

export interface Said {
  detail: string;
  cure: string | null;
}

export interface Reach {
  smallest: number;
  expected: number;
  hopeless: boolean;
  words: string;
}

export interface Full extends Brief {
  hypothesis: string;
  alpha: number;
  chosen: "named" | "matched";
  sha256: string;
  entry: number;
  document: string | null;
  members: { number: number; name: string | null; generated: boolean; group: Group }[] | null;
  reach: Reach | null;
  waits: Said | null;
  cancelled: { at_ms: number; why: string; entry: number } | null;
  outcome: (Judged & Partial<Found>) | null;
  may_cancel: boolean;
}

export interface Trial {
  comparison: number[];
  matched: { months: [string, string]; alone: number[]; words: string[]; matches: { member: number }[]; falls_back: number } | null;
  reach: Reach | null;
  problem: Said | null;
}

/** A plan as it is sent. */
export interface Asked extends Pick<Brief, "name" | "indicator" | "relative" | "expected" | "worth" | "start"> {
  pre: number;
  post: number;
  treated: number[];
  comparison: number[];
  matched: boolean;
  each: number;
}

/** The outcome as far as it is told. */
export const foundOf = ({ outcome }: Full): Found | undefined => (outcome && outcome.withheld === null ? (outcome as unknown as Found) : undefined);
