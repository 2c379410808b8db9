/** Where the months and intervals of a pilot lie in a square of 100 by 100, which the screen stretches. */
import { at, scaleOf, type Scale } from "../../bands/scale";
import { monthName, monthNumber } from "../../bands/trend";
import type { Interval, Months, Point } from "./types";

export interface Span {
  from: number;
  to: number;
}

/** The months of an event study, with half a month of room on each side. */
export const spanOf = (points: readonly Point[]): Span => ({
  from: Math.min(-0.5, ...points.map(({ month }) => month - 0.5)),
  to: Math.max(0.5, ...points.map(({ month }) => month + 0.5)),
});

/** The place of a month (or of the time between two, -0.5) from left to right. */
export const across = ({ from, to }: Span, month: number): number => ((month - from) / (to - from)) * 100;

/** An axis that holds nothing, the expectation and every end that has a bound; a hundredth is its finest step. */
export function axisOf(intervals: readonly Interval[], others: readonly number[], times: number): Scale {
  const ends = intervals.flatMap(({ mean, low, high }) => [mean, low, high]).filter((one) => one !== null);
  const values = [0, ...others, ...ends].map((one) => one * times);
  return scaleOf(values, { step: Math.max(...values.map(Math.abs), 1e-9) / 100 }) as Scale;
}

/** From the lower to the upper end in percent from below; an end without bound goes to that of the axis. */
export function stretch({ low, high }: Interval, scale: Scale, times: number): { from: number; to: number } {
  return { from: low === null ? 0 : at(scale, low * times), to: high === null ? 100 : at(scale, high * times) };
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** Upright lines from the lower to the upper end of each month, as one path. */
export function bars(points: readonly { month: number; interval: Interval | null }[], span: Span, scale: Scale, times: number): string {
  return points
    .flatMap(({ month, interval }) => {
      if (!interval) return [];
      const { from, to } = stretch(interval, scale, times);
      return [`M${round(across(span, month))} ${round(100 - from)}V${round(100 - to)}`];
    })
    .join("");
}

/** The estimates, as lines of no length that round ends make visible. */
export const dots = (points: readonly Point[], span: Span, scale: Scale, times: number): string =>
  points
    .flatMap(({ month, together: { mean } }) => (mean === null ? [] : [`M${round(across(span, month))} ${round(100 - at(scale, mean * times))}h0`]))
    .join("");

/** A month of an event study by its name: `start` is month 0. */
export const named = (start: string, month: number): string => monthName(monthNumber(start) + month);

/** The parts of a pilot's time in percent of the whole, and where it is now; beyond the ends it stays at them. */
export function timeline({ first, start, last, month }: Months): { before: number; now: number } {
  const [begin, end] = [monthNumber(first), monthNumber(last) + 1];
  const place = (of: number): number => Math.min(100, Math.max(0, ((of - begin) / (end - begin)) * 100));
  return { before: place(monthNumber(start)), now: place(monthNumber(month)) };
}

/** The months after this one in which a pilot may start. */
export const starts = (month: string, many = 24): string[] => Array.from({ length: many }, (_, at) => monthName(monthNumber(month) + 1 + at));
