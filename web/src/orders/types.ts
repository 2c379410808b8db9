/** What the node tells of orders and of files that hold them. */
export const KINDS = ["orders", "products", "costs", "completions"] as const;
export type Kind = (typeof KINDS)[number];
export const STATES = ["planned", "released", "running", "held", "done", "withdrawn"] as const;

export interface OrderRow {
  id: string;
  product: string;
  product_name: string | null;
  line?: string | null;
  machine?: string | null;
  quantity: number;
  start: string;
  end: string;
  due?: string;
  /** The smaller goes first; none goes last. */
  priority?: number;
  state: (typeof STATES)[number];
  note?: string;
  good?: number | null;
  rejected?: number | null;
  basis?: "counted" | "entered";
  origin: string;
  version?: number;
  received?: string;
  why_not: "in_file" | "no_product" | "no_place" | "withdrawn" | null;
}

export interface Mapping {
  kind: Kind;
  columns: Record<string, string>;
  constants: Record<string, string>;
  day_first: boolean | null;
  decimal: string | null;
  sheet: string | null;
}

export interface Taken {
  entries: number;
  new: number;
  changed: number;
  same: number;
  refused: number;
  shadowed: string[];
  findings: { path: string; sentence: string; cure: string }[];
}

/** A view of a database, as it is read again and again. */
export interface Feed {
  id: string;
  name: string;
  kind: Kind;
  url: string;
  select: string;
  every_s: number;
  state: "starting" | "active" | "degraded" | "stopped";
  reason: string;
  cure: string | null;
  tried_ms: number | null;
  read_ms: number | null;
  taken: Taken | null;
}

export interface Offer {
  file: string;
  sheets: string[];
  columns: string[];
  rows: number;
  sample: string[][];
  mapping: Mapping;
  saved: string | null;
  /** A document that says itself what it holds: no mapping changes that. */
  itself: boolean;
  fields: { name: string; label: string; needed: boolean; type: string }[];
  taken: Taken | null;
  problem: { sentence: string; cure: string } | null;
}
