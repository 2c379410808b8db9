/** Where intervals and months lie on the pictures of the page. */
export interface Span {
  low: number;
  high: number;
}

/** A change as people read it: a share of before, or of a share, in percent. */
export const changeOf = (value: number, unit: string, relative: boolean): number => (relative || unit === "share" ? 100 * value : value);

/** The span that holds all intervals and nothing's place, with a little room; never empty. */
export function around(spans: readonly Span[], zero = true): Span {
  const ends = [...spans.flatMap(({ low, high }) => [low, high]), ...(zero ? [0] : [])].filter(Number.isFinite);
  if (!ends.length) return { low: 0, high: 1 };
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return { low: low - room, high: high + room };
}

/** A place in percent of the span. */
export const place = (value: number, { low, high }: Span): number => (100 * (value - low)) / (high - low);

/** Round values inside a span, three to six of them. */
export function rounds({ low, high }: Span): number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => (first + at) * step);
}
