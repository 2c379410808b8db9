/** What the node tells of the valve. */
export interface Why {
  why: string | null;
  cure: string | null;
}

export interface Closing {
  at_ms: number;
  by: string | null;
  why: string;
  reason: string | null;
}

/** One way out. */
export interface Flow extends Why {
  flow: string;
  name: string;
  address: string;
  /** What whoever is told is called, where the way knows. */
  recipient: string | null;
  open: boolean;
  releases: number[];
  /** The patterns of the open ones. */
  content: string[];
  parcels: number;
  bytes: number;
  last_ms: number | null;
  withheld: (Why & { at_ms: number; what: string }) | null;
}

export interface Limits {
  parcels_an_hour: number;
  bytes_an_hour: number;
  bytes_in_all: number | null;
}

export const SCHEDULES = ["day", "week", "month"] as const;
export const HOWS = ["threshold", "dominance", "noise"] as const;
export const UNITS = ["machine", "shift"] as const;

/** What is done to the figures of files; `budget` is what noise may cost in all. */
export interface Shaping {
  how: (typeof HOWS)[number];
  unit: (typeof UNITS)[number];
  contributors: number;
  largest?: number;
  epsilon?: number;
  budget?: number;
}

export interface Release {
  id: number;
  name: string;
  purpose: string;
  recipient: string;
  flow: string;
  address: string;
  own: boolean;
  content: string[];
  things: number;
  tells: { kind: string; name: string; things: number }[];
  grade: string;
  grade_name: string;
  sandbox: boolean;
  state: "waiting" | "to_come" | "open" | "closed" | "ended";
  state_name: string;
  since_ms: number;
  until_ms: number;
  made_ms: number;
  by: string;
  digest: string;
  needed: number;
  missing: number;
  approvals: { by: string; at_ms: number; counts: boolean }[];
  gone: string[];
  closing: Closing | null;
  limits: Limits;
  /** Of files: how long the period is that each tells of, and what is done to their figures, in words too. */
  schedule: (typeof SCHEDULES)[number] | null;
  shaping: Shaping | null;
  shaped: string | null;
  epsilon_left: number | null;
  /** What other releases with noise may cost, or cost. */
  epsilon_beside: number | null;
  left: { parcels_hour: number; bytes_hour: number; bytes: number; budget_left: number | null; last_ms: number | null };
}

export interface Valve {
  closed: Closing | null;
  flows: Flow[];
  releases: Release[];
}

export interface Named {
  id: string;
  grade: string | null;
  grade_name: string | null;
}

/** Bytes that left, or would: the first `shown` of `size`, in base64, as text and line by line in words. */
export interface Parcel {
  what: string;
  at_ms: number;
  form: string;
  size: number;
  shown: number;
  raw: string;
  text: string | null;
  words: string[] | null;
  difference: string[] | null;
}

export interface Shown extends Parcel, Why {
  leaves: boolean;
  /** What the rules hold back in it, for the owner alone. */
  held_back: string[];
}

export interface Hour {
  at_ms: number;
  parcels: number;
  bytes: number;
}

export interface Full extends Release {
  deciding: Why;
  hours: Hour[];
  files: (Why & { period: string; state_name: string; at_ms: number })[];
  means: Named[];
  /** The other open releases of its way, each with what it names and this one does not. */
  beside: { id: number; name: string; lacks: string[] }[];
  last: Parcel[];
}

/** What a new release is begun with. */
export interface Draft {
  name?: string;
  purpose?: string;
  recipient?: string;
  flow?: string;
  address?: string;
  content?: string[];
  grade?: string;
  schedule?: Release["schedule"];
  shaping?: Release["shaping"];
}
