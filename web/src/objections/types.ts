/** Objections of members, as the hub tells them. */

export const ABOUT = ["class", "remark", "figure"] as const;
export type About = (typeof ABOUT)[number];

export interface Objection {
  id: number;
  member: number;
  against: About;
  /** Which one: an indicator and month, or the number of a statement. */
  subject: { indicator?: string; month?: string; statement?: number };
  words: string;
  raised_ms: number;
  /** Null as long as nobody has decided. */
  upheld: boolean | null;
  reasons: string;
  decided_ms: number | null;
}
