/** What signals are, as far as a chart must know. */
import type { Signal, SignalKind, TextSamples } from "../api/types";
import type { Window } from "../api/client";
import type { Lane } from "../lanes/geometry";

const NUMERIC: ReadonlySet<SignalKind> = new Set(["measure", "counter", "count"]);

export const isNumeric = ({ kind }: Signal): boolean => NUMERIC.has(kind);

/** The windows, cut to the one they overlap. */
export const overlapping = (windows: readonly Window[], { from, to }: Window): Window[] =>
  windows
    .filter((one) => one.to > from && one.from < to)
    .map((one) => ({ from: Math.max(one.from, from), to: Math.min(one.to, to) }));

/** The words with a gap wherever nobody listened; what was said before holds again after it. */
function heardWords({ t, v }: Pick<TextSamples, "t" | "v">, silences: readonly Window[]): [number, string | null][] {
  const found: [number, string | null][] = [];
  let next = 0;
  const tell = (until: number): void => {
    for (; next < t.length && (t[next] ?? 0) <= until; next++) found.push([t[next] ?? 0, v[next] ?? null]);
  };
  for (const { from, to } of silences) {
    tell(from);
    const held = found.at(-1)?.[1];
    if (held === undefined) continue;
    found.push([from, null]);
    if ((t[next] ?? Infinity) > to) found.push([to, held]);
  }
  tell(Infinity);
  return found;
}

/** A text-valued signal as a lane: each value holds until the next. */
export interface Words extends Lane {
  words: readonly (string | null)[];
}

export function wordsLane({ t, v }: TextSamples, window: Window, silences: readonly Window[] = []): Words {
  const words: (string | null)[] = [];
  const index = new Map<string | null, number>();
  const times: number[] = [];
  const s: number[] = [];
  for (const [ms, word] of heardWords({ t, v }, silences)) {
    const start = Math.max(ms, window.from);
    if (start >= window.to) break;
    let code = index.get(word);
    if (code === undefined) {
      code = words.push(word) - 1;
      index.set(word, code);
    }
    if (times.at(-1) === start) {
      s[s.length - 1] = code;
    } else if (s.at(-1) !== code) {
      times.push(start);
      s.push(code);
    }
  }
  return { t: times.length ? [...times, window.to] : [], s, words };
}
