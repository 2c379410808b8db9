/** Objections of members, as the hub tells them. */

export const ABOUT = ["class", "remark", "figure", "obligation"] as const;
export type About = (typeof ABOUT)[number];

/** What was said for a member, and what became of it. */
export interface Pleaded {
  words: string;
  raised_ms: number;
  /** Null as long as nobody has decided. */
  upheld: boolean | null;
  reasons: string;
  decided_ms: number | null;
}

export interface Objection extends Pleaded {
  id: number;
  member: number;
  against: About;
  /** Which one: an indicator and month, a statement or question, a type of an edition, or a class of a scheme. */
  subject: { indicator?: string; month?: string; statement?: number; question?: number; type?: string; edition?: string | number; scheme?: string; class?: string };
  /** Once, against a decision that the member is not right. */
  appeal: Pleaded | null;
}

/** By which an objection stands or falls. */
export const last = (one: Objection): Pleaded => one.appeal ?? one;
