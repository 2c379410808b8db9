/** Which input a missing number lacks, in words. The live stream only counts them; the words are asked for once. */
import { untrack } from "svelte";
import type { Client, Window } from "../api/client";
import type { Lack, OeeNow, Scope } from "../api/types";

export class Lacks {
  private readonly asked = new Map<Scope, string>();
  private found = $state.raw<ReadonlyMap<Scope, readonly Lack[]>>(new Map());

  constructor(private readonly client: Client) {}

  of(scope: Scope): readonly Lack[] {
    return this.found.get(scope) ?? [];
  }

  /** Asks for the words of `scope` when its number is missing for a reason not asked for yet. */
  want(scope: Scope, oee: OeeNow, window: Window, language: string): void {
    if (oee.oee !== null || oee.missing === 0) return;
    const reason = `${oee.missing} ${window.from} ${language}`;
    if (this.asked.get(scope) === reason) return;
    this.asked.set(scope, reason);
    void this.client
      .kpi(scope, window)
      .then(([row]) => untrack(() => row && this.keep(scope, row.missing)))
      .catch(() => this.asked.delete(scope));
  }

  private keep(scope: Scope, lacks: readonly Lack[]): void {
    this.found = new Map(this.found).set(scope, lacks);
  }
}
