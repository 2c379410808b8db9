/** The register of a hub, as its page reads it, and what is looked for in it. */

export const STATES = ["invited", "waiting", "member", "left"] as const;
export type State = (typeof STATES)[number];

export interface Listed {
  id: number;
  name: string;
  /** As the register calls it: "pending", "member", "left" or "closed". */
  state: string;
  industry: string;
  size: string | null;
  region: string;
  generated: boolean;
  joined_ms: number | null;
  last_month: string | null;
  last_number: number | null;
  /** How many oddities were told of what it said, and how much was refused. */
  remarks: number;
  refused: number;
  fingerprint: string;
}

export interface Invited {
  label: string;
  expires_ms: number;
  made_ms?: number | null;
  by?: string | null;
  member?: number | null;
  used_ms?: number | null;
}

export interface Register {
  members: Listed[];
  waiting: number;
  invitations: Invited[];
}

/** How far a member is on its path. */
export function stateOf({ state }: Pick<Listed, "state">): State {
  if (state === "member" || state === "left") return state;
  return state === "closed" ? "left" : "waiting";
}

const TURN: Record<State, number> = { invited: 1, waiting: 0, member: 2, left: 3 };

/** Those in which every word of `text` is found, who wait first, then by number. `state` keeps one state alone. */
export function found(members: readonly Listed[], text: string, state: State | "" = ""): Listed[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (one: Listed): boolean => {
    if (state && stateOf(one) !== state) return false;
    if (!words.length) return true;
    const all = `${one.id} ${one.name} ${one.industry} ${one.size ?? ""} ${one.region} ${one.fingerprint}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  return members.filter(holds).sort((a, b) => TURN[stateOf(a)] - TURN[stateOf(b)] || a.id - b.id);
}
