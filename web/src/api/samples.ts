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
