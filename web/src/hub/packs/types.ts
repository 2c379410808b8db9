/** What the hub answers of packs, drafts and needs. */
export interface Both {
  en: string;
  zh: string;
}

export interface Effect {
  plan: string;
  indicator: string;
  relative: boolean;
  mean: number;
  low: number;
  high: number;
  alpha: number;
  members: number;
  until: string;
  generated: boolean;
}

export interface Cost {
  once_cny: [number, number];
  yearly_cny: [number, number];
  days: number;
  members: number;
}

export interface ToldCost {
  median: number;
  low: number;
  high: number;
  members: number;
  generated: boolean;
}

export interface Brief {
  sha256: string;
  id: string;
  edition: number;
  title: Both;
  summary: Both;
  indicator: string;
  indicator_name: string;
  unit: string;
  step: number;
  ratio: boolean;
  better: "higher" | "lower";
  effects: Effect[];
  cost: Cost;
  cost_told: ToldCost | null;
  /** Whether any member that put it to use was made up. */
  generated: boolean;
  industries: string[];
  sizes: string[];
  traits: string[];
  offered_by: string;
  licence: string;
  published_ms: number;
  replaced_by: string | null;
  withdrawn: boolean;
  withdrawn_reasons: string;
}

export interface Card extends Brief {
  adopted: number;
  exact: boolean;
  fits: { member: number; fits: boolean; why: string[] }[];
}

export interface Parameter {
  id: string;
  kind: string;
  words: Both;
  unit?: string;
  least?: number | null;
  most?: number | null;
  default?: number | string | null;
}

export interface Group {
  group: string;
  name: string;
  members: number;
  adopted: number[];
}

export interface Spread {
  told: boolean;
  months: string[];
  whole: Group;
  industries: Group[];
  regions: Group[] | null;
  mine: { member: number; since: string; until: string | null }[];
  in_use?: number;
  given_up?: number;
  generated?: number;
}

export interface Pack extends Card {
  parameters: Parameter[];
  plant: string;
  changes: unknown[];
  settings: { words: Both; value: string; unit?: string }[];
  instruction: Both;
  reasons: string;
  entry: number;
  editions: { sha256: string; edition: number; published_ms: number }[];
  followed: { members: number; gain: number; low: number | null; high: number | null; generated: number } | null;
  calibration: { held: number; of: number } | null;
  least: number;
  group: number;
  spread: Spread;
  /** That measured what it brings. */
  pilots: { number: number; name: string; start: string; last: string }[];
  may_withdraw: boolean;
}

export interface Content {
  id: string;
  title: Both;
  summary: Both;
  indicator: string;
  industries?: string[];
  sizes?: string[];
  traits?: string[];
  parameters?: unknown[];
  plant?: string;
  changes?: unknown[];
  settings?: unknown[];
  instruction: Both;
  cost: { once_cny: [number, number]; yearly_cny?: [number, number]; days: number };
  offered_by: string;
  licence: string;
}

export interface Drafted {
  number: number;
  state: string;
  sha256: string;
  at_ms: number;
  authors: string[];
  mine: boolean;
  may_publish: boolean;
  cost_told: boolean;
  draft: Content;
}

export interface Shelf {
  packs: Card[];
  drafts: Drafted[];
  may: { offer: boolean; publish: boolean };
  exact: boolean;
}

export interface Offer {
  id: number;
  words: string;
  at_ms: number;
  pack: Brief | null;
  draft: { number: number; title: Both; summary: Both; offered_by: string; cost: Cost; state: string } | null;
  mine?: boolean;
}

export interface Need {
  id: number;
  title: string;
  words: string;
  indicator: string | null;
  offers: Offer[];
  /** Of an own one. */
  open?: boolean;
  shown?: string;
  worth_cny?: number | null;
  member?: number;
  /** Of others. */
  industry?: string | null;
  size?: string | null;
  member_name?: string;
  generated?: boolean;
}

export interface Needs {
  mine: Need[];
  open: Need[];
  worth: { indicator: string; cny: number; members: number }[];
  may_offer: boolean;
  packs: { sha256: string; title: string }[];
}

/** A pilot that may have measured a pack, as the list of pilots tells it. */
export interface Judged {
  plan: string;
  name: string;
  indicator: string;
  last: string;
  verdict: string | null;
  verdict_words: string | null;
}
