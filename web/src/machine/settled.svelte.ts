import { untrack } from "svelte";

/** What `read` says once it has not changed for `holdMs`: a view under a moving hand is not worth asking about. */
export function settled<T>(read: () => T, holdMs: number): { readonly value: T } {
  let value = $state.raw(read());
  $effect(() => {
    const next = read();
    if (untrack(() => value) === undefined) {
      value = next;
      return;
    }
    const timer = setTimeout(() => (value = next), holdMs);
    return () => clearTimeout(timer);
  });
  return {
    get value() {
      return value;
    },
  };
}
