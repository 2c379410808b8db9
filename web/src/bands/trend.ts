/** Months as lines and areas in a square of 100 by 100, which the screen stretches. */
import { at, type Scale } from "./scale";
import type { TrendPoint } from "./types";

type Key = "p25" | "p50" | "p75" | "value";

/** "2026-10" as a count of months, so that those that are left out leave a gap. */
export const monthNumber = (month: string): number => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;

/** The same back. */
export const monthName = (number: number): string => `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, "0")}`;

export interface Months {
  first: number;
  last: number;
}

/** The months that a picture spans. */
export function monthsOf(points: readonly TrendPoint[]): Months | undefined {
  if (!points.length) return undefined;
  const numbers = points.map(({ month }) => monthNumber(month));
  return { first: Math.min(...numbers), last: Math.max(...numbers) };
}

/** The place of a month from left to right, in percent; a single one stands in the middle. */
export const across = ({ first, last }: Months, month: number): number => (last === first ? 50 : ((month - first) / (last - first)) * 100);

const round = (value: number): number => Math.round(value * 100) / 100;

/** Neighbouring months in which all of `keys` are told. */
function stretches(points: readonly TrendPoint[], keys: readonly Key[]): TrendPoint[][] {
  const found: TrendPoint[][] = [];
  let before: number | undefined;
  for (const point of [...points].sort((a, b) => monthNumber(a.month) - monthNumber(b.month))) {
    if (keys.some((key) => typeof point[key] !== "number")) continue;
    const number = monthNumber(point.month);
    if (number - 1 === before) found.at(-1)?.push(point);
    else found.push([point]);
    before = number;
  }
  return found;
}

const placed = (point: TrendPoint, key: Key, months: Months, scale: Scale): string =>
  `${round(across(months, monthNumber(point.month)))} ${round(100 - at(scale, point[key] as number))}`;

/** The line of one key through neighbouring months. */
export function line(points: readonly TrendPoint[], key: Key, months: Months, scale: Scale): string {
  return stretches(points, [key])
    .filter((part) => part.length > 1)
    .map((part) => `M${part.map((point) => placed(point, key, months, scale)).join("L")}`)
    .join("");
}

/** The months of one key that have no neighbour: dots, as lines of no length that round ends make visible. */
export function dots(points: readonly TrendPoint[], key: Key, months: Months, scale: Scale): string {
  return stretches(points, [key])
    .flatMap((part) => (part.length === 1 && part[0] ? [`M${placed(part[0], key, months, scale)}h0`] : []))
    .join("");
}

/** The area between two keys. */
export function area(points: readonly TrendPoint[], low: Key, high: Key, months: Months, scale: Scale): string {
  return stretches(points, [low, high])
    .filter((part) => part.length > 1)
    .map((part) => {
      const up = part.map((point) => placed(point, high, months, scale));
      const down = part.map((point) => placed(point, low, months, scale)).reverse();
      return `M${[...up, ...down].join("L")}Z`;
    })
    .join("");
}

/** The months that an axis names: the first, the last, and years between where there is room. */
export function namedMonths({ first, last }: Months): number[] {
  const years = [];
  for (let month = Math.ceil((first + 1) / 12) * 12; month < last; month += 12) if (month - first > 4 && last - month > 4) years.push(month);
  return first === last ? [first] : [first, ...years, last];
}
