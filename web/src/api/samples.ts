import type { Window } from "./client";

/** Binary columns of one number-valued signal: int32 n, then n float64 times, then n float64 values. */
export interface Samples {
  time: Float64Array;
  value: Float64Array;
}

export function decodeSamples(buffer: ArrayBuffer): Samples {
  const view = new DataView(buffer);
  const n = view.byteLength >= 4 ? view.getInt32(0, true) : 0;
  if (view.byteLength < 4 + 16 * n) throw new RangeError(`expected ${4 + 16 * n} bytes, got ${view.byteLength}`);
  return { time: column(view, 4, n), value: column(view, 4 + 8 * n, n) };
}

function column(view: DataView, offset: number, n: number): Float64Array {
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) values[i] = view.getFloat64(offset + 8 * i, true);
  return values;
}

/** So soon after a silence a machine tells its values anew; what was held before it need not be drawn. */
const GREETING_MS = 5000;
/** A gap begins so long after the last value that a line is drawn up to it. */
const AFTER_MS = 0.1;

/**
 * The samples with a gap wherever nobody listened: a value holds until the silence (or until it is told to be
 * missing), and again after it until another is told. `to` is where what is known ends; the last value holds until there.
 */
export function silenced({ time, value }: Samples, silences: readonly Window[], to: number): Samples {
  const [t, v]: [number[], number[]] = [[], []];
  let held = NaN;
  let next = 0;
  const put = (ms: number, one: number): void => {
    if (t.length && ms <= (t.at(-1) ?? 0)) return;
    t.push(ms);
    v.push(one);
  };
  const tell = (until: number): void => {
    for (; next < time.length && (time[next] ?? 0) <= until; next++) {
      const [ms, one] = [time[next] ?? 0, value[next] ?? NaN];
      if (Number.isNaN(one) && !Number.isNaN(held)) put(ms, held);
      put(Number.isNaN(one) ? ms + AFTER_MS : ms, one);
      held = one;
    }
  };
  for (const silence of silences) {
    tell(silence.from);
    if (!Number.isNaN(held)) put(silence.from, held);
    put(silence.from + AFTER_MS, NaN);
    const told = time[next] ?? Infinity;
    if (told > silence.to + GREETING_MS && silence.to < to) put(silence.to, held);
  }
  tell(Infinity);
  if (silences.at(-1)?.to !== to && !Number.isNaN(held)) put(to, held);
  return { time: Float64Array.from(t), value: Float64Array.from(v) };
}

export interface Extremes {
  low: number;
  high: number;
  last: number;
  mean: number;
  gaps: number;
}

/** What one line of words can say of a signal; undefined when it holds no number. */
export function extremes({ value }: Samples): Extremes | undefined {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  let count = 0;
  let gaps = 0;
  let last = NaN;
  let within = true;
  for (const v of value) {
    if (Number.isNaN(v)) {
      if (within) gaps++;
      within = false;
      continue;
    }
    within = true;
    low = Math.min(low, v);
    high = Math.max(high, v);
    sum += v;
    count++;
    last = v;
  }
  return count ? { low, high, last, mean: sum / count, gaps } : undefined;
}
