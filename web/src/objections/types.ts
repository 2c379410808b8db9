/** Objections of members, as the hub tells them. */

export const ABOUT = ["class", "remark", "figure", "obligation"] as const;
export type About = (typeof ABOUT)[number];

export interface Objection {
  id: number;
  member: number;
  against: About;
  /** Which one: an indicator and month, a statement or question, a type of an edition, or a class of a scheme. */
  subject: { indicator?: string; month?: string; statement?: number; question?: number; type?: string; edition?: string | number; scheme?: string; class?: string };
  words: string;
  raised_ms: number;
  /** Null as long as nobody has decided. */
  upheld: boolean | null;
  reasons: string;
  decided_ms: number | null;
}
