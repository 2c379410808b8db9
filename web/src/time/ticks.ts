/** Places for the marks of a time axis: round times on the plant's wall, also across a change of the clocks. */
import { momentOf, wallTime } from "./zone";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = [1, 3, 6, 12, 24, 60, 120] as const;
const MONTH = 30.4 * DAY;
const STEPS = [
  1000, 5000, 15_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY,
] as const;

export interface Tick {
  ms: number;
  /** What the label must tell. */
  grain: "year" | "month" | "day" | "minute" | "second";
}

/** The ticks in [from, to] that part it into at most `most` pieces, on round wall-clock times. */
export function ticks(from: number, to: number, most: number, zone: string): Tick[] {
  const step = STEPS.find((s) => (to - from) / s <= most);
  if (step === undefined) return monthTicks(from, to, most, zone);
  return step < HOUR ? evenTicks(from, to, step, zone) : wallTicks(from, to, step, zone);
}

function grainOf(ms: number, step: number, zone: string): Tick["grain"] {
  const wall = wallTime(ms, zone);
  if (wall.hour === 0 && wall.minute === 0 && wall.second === 0) return "day";
  return step < MINUTE ? "second" : "minute";
}

function evenTicks(from: number, to: number, step: number, zone: string): Tick[] {
  const found: Tick[] = [];
  for (let ms = Math.ceil(from / step) * step; ms <= to; ms += step) found.push({ ms, grain: grainOf(ms, step, zone) });
  return found;
}

function wallTicks(from: number, to: number, step: number, zone: string): Tick[] {
  const start = wallTime(from, zone);
  const found: Tick[] = [];
  const hours = step / HOUR;
  for (let hour = 0; ; hour += hours) {
    const wall = { ...start, hour, minute: 0, second: 0 };
    const ms = momentOf(normal(wall), zone);
    if (ms > to) return found;
    if (ms >= from && ms !== found.at(-1)?.ms) found.push({ ms, grain: grainOf(ms, step, zone) });
  }
}

function monthTicks(from: number, to: number, most: number, zone: string): Tick[] {
  const months = MONTHS.find((n) => (to - from) / (n * MONTH) <= most) ?? 120;
  const { year } = wallTime(from, zone);
  const found: Tick[] = [];
  for (let month = 0; ; month += months) {
    const wall = { year: (months > 12 ? year - (year % (months / 12)) : year) + Math.floor(month / 12), month: (month % 12) + 1 };
    const ms = momentOf({ ...wall, day: 1, hour: 0, minute: 0, second: 0 }, zone);
    if (ms > to) return found;
    if (ms >= from) found.push({ ms, grain: wall.month === 1 ? "year" : "month" });
  }
}

function normal(wall: ReturnType<typeof wallTime>): ReturnType<typeof wallTime> {
  const date = new Date(Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: 0,
    second: 0,
  };
}
