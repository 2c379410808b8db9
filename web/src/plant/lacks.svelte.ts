/** Which input a missing number lacks, in words. The live stream only names codes; the words are asked for once. */
import { untrack } from "svelte";
import { Problem, type Client, type Window } from "../api/client";
import type { Lack, OeeNow, Scope } from "../api/types";

export class Lacks {
  private readonly asked = new Map<Scope, string>();
  private found = $state.raw<ReadonlyMap<Scope, readonly Lack[]>>(new Map());

  constructor(private readonly client: Client) {}

  of(scope: Scope): readonly Lack[] {
    return this.found.get(scope) ?? [];
  }

  /** Asks for the words of `scope` when its number is missing for a reason not asked for yet. */
  want(scope: Scope, oee: OeeNow | null | undefined, window: Window, language: string): void {
    if (!oee || oee.oee !== null || oee.missing === 0) return;
    const reason = `${oee.lacks.join()} ${window.from} ${language}`;
    if (this.asked.get(scope) === reason) return;
    this.asked.set(scope, reason);
    void this.client
      .kpi(scope, window)
      .then(([row]) => untrack(() => row && this.keep(scope, row.missing)))
      .catch((cause: unknown) => {
        if (cause instanceof Problem && cause.unreachable) this.asked.delete(scope);
      });
  }

  private keep(scope: Scope, lacks: readonly Lack[]): void {
    this.found = new Map(this.found).set(scope, lacks);
  }
}
