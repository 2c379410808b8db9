/** Accounts as the page People reads them. */
import type { Grant } from "./me.svelte";

export interface Token extends Grant {
  id: number;
  name: string;
  until_ms: number;
  seen_ms: number | null;
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
  sessions: { id: number; made_ms: number; seen_ms: number }[];
}
