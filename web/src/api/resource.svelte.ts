/** Something asked of the node: keeps the last answer while the next one loads, and says what went wrong. */
import { asProblem, type Problem } from "./client";

export class Resource<T> {
  data = $state.raw<T>();
  problem = $state.raw<Problem>();
  loading = $state(false);
  private again = $state(0);

  /** `load` is asked again whenever something it reads before its first await changes; undefined asks nothing. */
  constructor(load: (signal: AbortSignal) => Promise<T> | undefined) {
    $effect(() => {
      void this.again;
      const abort = new AbortController();
      const asked = load(abort.signal);
      if (!asked) return;
      this.loading = true;
      asked.then(
        (data) => this.settle(abort, data, undefined),
        (cause: unknown) => this.settle(abort, undefined, cause),
      );
      return () => abort.abort();
    });
  }

  reload(): void {
    this.again++;
  }

  private settle(abort: AbortController, data: T | undefined, cause: unknown): void {
    if (abort.signal.aborted) return;
    this.loading = false;
    if (cause === undefined) {
      this.data = data;
      this.problem = undefined;
    } else {
      this.problem = asProblem(cause);
    }
  }
}
