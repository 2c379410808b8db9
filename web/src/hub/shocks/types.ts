/** Shocks as the hub tells them. */

export interface Between {
  low: number;
  high: number;
}

export type Kind = "supplier" | "power" | "price";

/** A shock that is tried; sizes are shares, times are days. */
export interface Asked {
  kind: Kind;
  size: number;
  days: number;
  /** Which input; empty: of each factory the one that it misses most. */
  what: string;
  generated: boolean;
}

export interface Shock {
  kind: Kind;
  size: number;
  days: number;
  what: string;
  words: string;
}

export interface Risk {
  /** The day on which the stock is at its end. */
  first: number;
  what: string;
  basis: "model" | "twin" | "unknown";
  basis_words: string;
  lost: Between;
  rate: Between;
}

export interface Hit extends Risk {
  member: number;
  name: string;
  industry: string;
  generated: boolean;
  of_cluster: number;
}

export interface Group {
  group: string;
  name: string;
  members: number;
  told: number;
  lost: Between | null;
}

export interface Effect {
  shock: Shock;
  unit: string;
  weighed: string;
  members: number;
  told: number;
  weight_told: number;
  generated: number;
  curve: Between[];
  lost: Between;
  of_all: Between;
  hits: Hit[];
  more: number;
  groups: Group[];
  recoveries: { twins: number; between: number; days: Between | null; costs: number; cost_cny: Between | null; words: string };
  inputs: { what: string; members: number }[];
  notes: string[];
}

export interface Published extends Shock {
  measure: string;
  whole: Between | null;
  members: number;
  groups: { group: string; name: string; members: number; lost: Between; generated: boolean }[];
}

export interface Told {
  edition: number | null;
  told_ms: number | null;
  words: string;
  published: Published[];
}

export interface Own {
  published: (Shock & Risk & { unit: string })[];
}
