/** Accounts as the page People reads them. */
import type { Grant } from "./me.svelte";

export interface Token extends Grant {
  id: number;
  name: string;
  until_ms: number;
  seen_ms: number | null;
}

/** A browser that has logged in; sessions begun by an earlier version do not say where. */
export interface Session {
  id: number;
  made_ms: number;
  seen_ms: number;
  address: string | null;
  browser: string | null;
}

/** Of whom a second factor is demanded. */
export interface SecondFactor {
  everybody: boolean;
  roles: string[];
}

export interface Account {
  name: string;
  kind: "person" | "service";
  roles: Grant[];
  disabled: boolean;
  password: boolean;
  /** The provider that knows them. */
  issuer: string | null;
  app: boolean;
  code_until_ms: number | null;
  seen_ms: number | null;
  tokens: Token[];
  sessions: Session[];
}
