/** The ledger as its page reads it. */
import type { Job } from "../jobs/watch.svelte";
import type { Language } from "../texts/catalogue";

export interface Entry {
  index: number;
  time_ms: number | null;
  kind: string;
  who: string;
  who_name: string;
  about: string;
  about_name: string;
  sentence: string;
}

export interface Entries {
  size: number;
  kinds: string[];
  entries: Entry[];
}

export interface Head {
  head: { size: number; root: string };
  fingerprint: string;
  receipts: { holder: string; time_ms: number; size: number }[];
}

export interface Found {
  words: Record<Language, { sentence: string; cure: string | null }>;
}

export interface Verdict {
  size: number;
  compared: number;
  whole: boolean;
  wrong: Found[];
  notes: Found[];
}

export type VerifyJob = Job & { result: Verdict | null };

/** What the kinds of entries begin with, in groups that a person asks for. */
export const GROUPS = {
  in: ["login.", "request."],
  people: ["account.", "token."],
  plant: ["plant.", "pairing."],
  facts: ["facts.", "orders."],
  backup: ["backup."],
  ledger: ["ledger.", "key.", "receipt."],
} as const;
export type Group = keyof typeof GROUPS;
