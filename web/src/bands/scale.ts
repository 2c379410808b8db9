/** Where a value lies between the ends of an axis, and the marks that the axis has. */
import { PERCENTS, type Bands } from "./types";

export interface Scale {
  low: number;
  high: number;
  ticks: readonly number[];
}

const NICE = [1, 2, 2.5, 5, 10];
/** An axis is at least so many steps of the grid wide: a difference of one step must not look like a gulf. */
const FEWEST_STEPS = 5;

/** The step of a scale: the smallest nice number that gives at most `most` intervals. */
function stepOf(span: number, most: number): number {
  const power = 10 ** Math.floor(Math.log10(span / most));
  const nice = NICE.find((one) => one * power * most >= span * (1 - 1e-9)) ?? 10;
  return nice * power;
}

/** A number without what floats add to it. */
const clean = (value: number): number => Number(value.toPrecision(12));

/** The grid on which figures are told, as an axis has it. */
export interface Grid {
  step: number;
  ratio?: boolean;
  /** A "share" is one of a whole: its axis ends at 1 as long as no value lies beyond. */
  unit?: string;
}

/** The width of a place of the grid among these values: of a ratio that of the largest. */
export function widthOf({ step, ratio = false }: Grid, values: readonly number[]): number {
  const most = Math.max(...values.map(Math.abs));
  return ratio && most > 0 ? stepOf(most * step, 1) : step;
}

/** An axis that holds all of `values`, from one mark to another. */
export function scaleOf(values: readonly number[], of: Grid, most = 5): Scale | undefined {
  if (!values.length) return undefined;
  const grid = widthOf(of, values);
  let [low, high] = [Math.min(...values), Math.max(...values)];
  const lacking = FEWEST_STEPS * grid - (high - low);
  if (lacking > 0) {
    low = low >= 0 ? Math.max(0, low - lacking / 2) : low - lacking / 2;
    high = Math.max(high, low + FEWEST_STEPS * grid);
  }
  if (of.unit === "share" && Math.max(...values) <= 1 && high > 1) [low, high] = [Math.max(0, low - (high - 1)), 1];
  const step = stepOf(high - low, most);
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => clean((first + i) * step));
  return { low: clean(first * step), high: clean(last * step), ticks };
}

/** Every quantile that is told of some distributions. */
export function told(bands: readonly (Bands | null | undefined)[]): number[] {
  return bands.flatMap((one) => (one ? PERCENTS.map((name) => one[name]).filter((value) => value !== null) : []));
}

/** The place of a value on an axis in percent of its length; beyond the ends it stays at them. */
export const at = ({ low, high }: Scale, value: number): number => Math.min(100, Math.max(0, ((value - low) / (high - low)) * 100));

/** A stretch of an axis in percent; `open` ends are those of which no quantile is told. */
export interface Stretch {
  from: number;
  width: number;
}

export interface Pieces {
  /** From p10 to p90, as far as they are told. */
  outer: Stretch | undefined;
  /** From p25 to p75, as far as they are told. */
  inner: Stretch | undefined;
  median: number | undefined;
  /** Whether a quantile of the five is not told. */
  partial: boolean;
}

/** What is drawn of a distribution. A quantile that is not told draws nothing in its place. */
export function pieces(bands: Bands, scale: Scale): Pieces {
  const stretch = (values: readonly (number | null)[]): Stretch | undefined => {
    const there = values.filter((value) => value !== null);
    if (there.length < 2) return undefined;
    const [from, to] = [at(scale, Math.min(...there)), at(scale, Math.max(...there))];
    return { from, width: to - from };
  };
  return {
    outer: stretch(PERCENTS.map((name) => bands[name])),
    inner: stretch([bands.p25, bands.p50, bands.p75]),
    median: bands.p50 === null ? undefined : at(scale, bands.p50),
    partial: PERCENTS.some((name) => bands[name] === null),
  };
}
