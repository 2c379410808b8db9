/** Which input a missing number lacks, in words. The live stream only names codes; the words are asked for once. */
import { untrack } from "svelte";
import { Problem, type Client, type Window } from "../api/client";
import type { Lack, OeeNow, Row, Scope } from "../api/types";

export class Lacks {
  private readonly asked = new Map<Scope, string>();
  private found = $state.raw<ReadonlyMap<Scope, readonly Lack[]>>(new Map());

  constructor(private readonly client: Client) {}

  of(scope: Scope): readonly Lack[] {
    return this.found.get(scope) ?? [];
  }

  /** Asks, all at once, for the words of every number that is missing for a reason not asked for yet. */
  want(numbers: readonly (readonly [Scope, OeeNow | null | undefined])[], window: Window, language: string): void {
    const wanted: Scope[] = [];
    for (const [scope, oee] of numbers) {
      if (!oee || oee.oee !== null || oee.missing === 0) continue;
      const reason = `${oee.lacks.join()} ${window.from} ${language}`;
      if (this.asked.get(scope) === reason) continue;
      this.asked.set(scope, reason);
      wanted.push(scope);
    }
    if (!wanted.length) return;
    void this.client
      .kpi(wanted, window)
      .then((rows) => untrack(() => this.keep(rows)))
      .catch((cause: unknown) => {
        if (cause instanceof Problem && cause.unreachable) wanted.forEach((scope) => this.asked.delete(scope));
      });
  }

  private keep(rows: readonly Row[]): void {
    this.found = new Map([...this.found, ...rows.map((row) => [row.scope, row.missing] as const)]);
  }
}
