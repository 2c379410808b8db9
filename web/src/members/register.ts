/** The register of a hub, as its page reads it, and what is looked for in it. */

export const STATES = ["invited", "waiting", "member", "left"] as const;
export type State = (typeof STATES)[number];

/** A member as the register tells it: no value of it. */
export interface Member {
  number: number;
  state: "pending" | "member" | "left" | "closed";
  /** As the hub's people call it. */
  label: string;
  /** What it says it is. */
  profile: { name: string; industry: string; region: string };
  generated: boolean;
  /** Its class by the hub's scheme, where one alone is possible. */
  size: string | null;
  /** Of the key that speaks for it; none where it was lost. */
  fingerprint: string | null;
  /** The number of its last statement, 0 before the first. */
  last: number;
  enrolled_ms: number;
  admitted_ms: number | null;
  ended_ms: number | null;
  into: number | null;
}

export interface Refused {
  at_ms: number;
  /** Whether a key of the member signed it; else anybody may have written it. */
  signed: boolean;
  number: number | null;
  sha256: string;
  /** Of what was taken under the same number. */
  other: string | null;
  sentence: string;
}

export interface OpenedMember extends Member {
  keys: { fingerprint: string; since: number; until: number | null }[];
  /** Why its membership ended. */
  why: string | null;
  refused: Refused[];
}

export interface Waiting {
  id: number;
  label: string;
  /** The member that lost its key and is asked to come again. */
  again: number | null;
  made_ms: number;
  expires_ms: number;
}

export interface Invited {
  label: string;
  expires_ms: number;
  invitation: unknown;
}

/** How far a member is on its path. */
export function stateOf({ state }: Pick<Member, "state">): State {
  if (state === "member") return "member";
  return state === "pending" ? "waiting" : "left";
}

const TURN: Record<State, number> = { invited: 1, waiting: 0, member: 2, left: 3 };

/** Shorter words are found in too many fingerprints to mean one. */
const OF_FINGERPRINT = 4;
const plain = (text: string): string => text.replaceAll(/[^0-9a-z]/g, "");

/** Those in which every word of `text` is found, who wait first, then by number; `state` leaves one state alone. */
export function found(members: readonly Member[], text: string, state: State | "" = ""): Member[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (one: Member): boolean => {
    if (state && stateOf(one) !== state) return false;
    if (!words.length) return true;
    const { name, industry, region } = one.profile;
    const all = `${name} ${one.label} ${industry} ${one.size ?? ""} ${region}`.toLowerCase();
    const print = plain((one.fingerprint ?? "").toLowerCase());
    const means = (word: string): boolean => all.includes(word) || String(one.number) === word || (plain(word).length >= OF_FINGERPRINT && print.includes(plain(word)));
    return words.every(means);
  };
  return members.filter(holds).sort((a, b) => TURN[stateOf(a)] - TURN[stateOf(b)] || a.number - b.number);
}
