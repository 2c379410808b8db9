/** The days of a shock as steps in a square of 100 by 100, which the screen stretches. */
import type { Between } from "./types";

const TICKS = 4;

/** The end of the axis of shares: the next round step above the highest, at most all. */
export function topOf(days: readonly Between[]): number {
  const highest = Math.max(0, ...days.map(({ high }) => high));
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.25].find((one) => one * TICKS >= highest) ?? 0.25;
  return Math.max(step * TICKS, highest > 1 ? Math.ceil(highest) : 0);
}

/** The marks of the axis, from none to its end. */
export const ticksOf = (top: number): number[] => Array.from({ length: TICKS + 1 }, (_, i) => (top * i) / TICKS);

const round = (value: number): number => Math.round(value * 100) / 100;

/** One end of the band as steps: a day is as wide as the next. */
export function steps(days: readonly Between[], end: keyof Between, top: number): string {
  const place = (value: number): number => round(100 - (100 * value) / top);
  return days.map((one, day) => `${day ? "V" : `M0 `}${place(one[end])}H${round((100 * (day + 1)) / days.length)}`).join("");
}

/** What lies between both ends. */
export function band(days: readonly Between[], top: number): string {
  if (!days.length) return "";
  const place = (value: number): number => round(100 - (100 * value) / top);
  const back = days
    .map((one, day) => ({ low: one.low, day }))
    .reverse()
    .map(({ low, day }) => `V${place(low)}H${round((100 * day) / days.length)}`)
    .join("");
  return `${steps(days, "high", top)}${back}Z`;
}

/** The days that the axis names, counted from 1: the first, the last, and some between. */
export function namedDays(days: number): number[] {
  if (days < 2) return days ? [1] : [];
  const apart = [1, 2, 5, 10, 20, 30, 60, 90].find((one) => days / one <= 6) ?? 90;
  const between = Array.from({ length: Math.floor(days / apart) }, (_, i) => (i + 1) * apart).filter((day) => day > 1 && days - day >= apart / 2);
  return [1, ...between, days];
}
