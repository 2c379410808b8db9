/** Deltas are deep partials: objects merge, everything else (null and lists too) replaces. */
export type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** `base` with `delta` laid over it. What did not change keeps its identity, so screens redraw only what did. */
export function merge<T>(base: T, delta: DeepPartial<T>): T {
  if (!isObject(base) || !isObject(delta)) return delta as T;
  let changed: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(delta)) {
    const before = base[key];
    const after = merge<unknown>(before, value as DeepPartial<unknown>);
    if (after !== before) (changed ??= { ...base })[key] = after;
  }
  return (changed ?? base) as T;
}
