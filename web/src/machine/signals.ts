/** What signals are, as far as a chart must know. */
import type { Signal, SignalKind, TextSamples } from "../api/types";
import type { Window } from "../api/client";
import type { Lane } from "../lanes/geometry";

const NUMERIC: ReadonlySet<SignalKind> = new Set(["measure", "counter", "count"]);

export const isNumeric = ({ kind }: Signal): boolean => NUMERIC.has(kind);

/** A text-valued signal as a lane: each value holds until the next. */
export interface Words extends Lane {
  words: readonly (string | null)[];
}

export function wordsLane({ t, v }: TextSamples, window: Window): Words {
  const words: (string | null)[] = [];
  const index = new Map<string | null, number>();
  const times: number[] = [];
  const s: number[] = [];
  t.forEach((ms, i) => {
    const word = v[i] ?? null;
    const start = Math.max(ms, window.from);
    if (start >= window.to) return;
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
  });
  return { t: times.length ? [...times, window.to] : [], s, words };
}
