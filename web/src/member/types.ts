/** What the node tells of its membership of a hub. */
import type { Bands, TrendPoint } from "../bands/types";

export interface Indicator {
  id: string;
  name: string;
  meaning: string;
  formula: string;
  unit: string;
  better: "higher" | "lower";
  /** The share of planned time with facts below which it is not compared. */
  coverage: number;
  computed: boolean;
}

export interface Value {
  indicator: string;
  value: number | null;
  absent: string | null;
  absent_name: string | null;
  coverage: number | null;
  origin: "measured" | "entered" | "generated";
  origin_name: string;
  evidence: string | null;
}

export interface Month {
  month: string;
  statements: number[];
  /** Whether the hub has yet to take some of it. */
  waits: boolean;
  values: Value[];
}

export interface Trouble {
  key: string;
  sentence: string;
  cure: string | null;
}

export interface Statement {
  number: number;
  say: string;
  say_name: string;
  month: string | null;
  why: string;
  sha256: string;
  made_ms: number;
  entry: number;
  state: "made" | "taken" | "refused";
  state_name: string;
  problem: Trouble | null;
  receipt: { entry: number; received_ms: number; remarks: string[] } | null;
}

export interface Profile {
  name: string;
  industry: string;
  region: string;
  employees?: number | null;
  revenue_cny?: number | null;
  turnover_eur?: number | null;
  balance_eur?: number | null;
  traits?: string[];
  generated?: boolean;
}

export interface Membership {
  state: string;
  state_name: string;
  over: boolean;
  path: { step: string; name: string }[];
  hub: { id: string; name: string; address: string; fingerprint: string; invited_by: string };
  member: number | null;
  fingerprint: string;
  agreement: { sha256: string; text: string };
  profile: Profile | null;
  problem: Trouble | null;
  next_ms: number | null;
  releases: number[];
  open: boolean;
  sum_waits_ms: number | null;
  /** What the hub had no more of what it gave receipts for, when that was found last. */
  lost: { sentence: string; waits: number } | null;
  /** That its ledger did not go on from what this node held of it. */
  rewound: { sentence: string } | null;
}

export interface Entered {
  month: string;
  indicator: string;
  value: number;
  note: string;
  at_ms: number;
}

export interface Told {
  indicators: Indicator[];
  entered: Entered[];
  membership: Membership | null;
  months: Month[];
  statements: Statement[];
  due: string[] | null;
  next: { month: string; at_ms: number; said: boolean } | null;
}

export interface Preview {
  month: string;
  raw: string;
  values: Value[];
}

/** A secure sum that the hub calls for; `own` is what this factory gives, `would` what it would give. */
export interface CalledSum {
  sha256: string;
  title: string;
  purpose: string;
  quantity: string;
  indicator: string | null;
  month: string;
  unit: string;
  most: number;
  least: number;
  keys_until_ms: number;
  state: "called" | "running" | "done" | "failed" | "stopped";
  total: number | null;
  members: number | null;
  own: number | null;
  would: number | null;
  problem: string | null;
}

/** The round of a sum that waits for this factory, with all its members, each proven. */
export interface SeenRound {
  sha256: string;
  attempt: number;
  closes_ms: number;
  least: number;
  agreed: boolean;
  members: { member: number; fingerprint: string; entry: number; own: boolean }[];
}

export interface PointRow {
  indicator: string;
  name: string;
  unit: string;
  value: number | null;
  origin: "measured" | "entered" | "generated" | null;
  absent: string | null;
  band: { words: string } | null;
  bands: Bands | null;
  /** The grid of figures of many; null for an indicator that this edition does not know. */
  step: number | null;
  ratio: boolean;
  /** Above zero where the middle of the peers is better. */
  to_median: number | null;
  /** By year, in the unit. */
  trend: number | null;
  trend_of_peers: number | null;
  withheld: string | null;
}

/** Where this factory stands, as the hub told it. */
export interface Standpoint {
  unread: false;
  made_ms: number;
  point: { month: string | null; peers: { cell: string | null; n: number; why: string }; rows: PointRow[]; series: Record<string, TrendPoint[]> };
  classes: {
    classes: { name: string; class: string | null; could_be: string[]; why: string; document: string; confidence_words: string }[];
    type: { name: string | null; words: string[]; why: string | null } | null;
    paths: { name: string; words: string[] }[];
  };
}

/** An answer that is kept and that this version cannot read. */
export interface Unread {
  unread: true;
  made_ms: number;
}

/** Pilots that this factory is in or could copy, in the hub's words. */
export type PilotsTold =
  | Unread
  | {
      unread: false;
      made_ms: number;
      pilots: {
        number: number;
        name: string;
        indicator: string;
        group: "treated" | "comparison" | null;
        state: string;
        start: string;
        last: string;
        hypothesis: string;
        verdict: string | null;
        withheld: string | null;
        pack: string | null;
      }[];
    };
