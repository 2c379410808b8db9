/** Wall-clock reckoning in the plant's zone; epoch milliseconds everywhere else. */

export interface WallTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const readers = new Map<string, Intl.DateTimeFormat>();

function reader(zone: string): Intl.DateTimeFormat {
  let found = readers.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    readers.set(zone, found);
  }
  return found;
}

/** What a clock on the plant's wall shows at `ms`. */
export function wallTime(ms: number, zone: string): WallTime {
  const wall: Record<string, number> = {};
  for (const { type, value } of reader(zone).formatToParts(ms)) wall[type] = Number(value);
  return wall as unknown as WallTime;
}

const asUtc = (w: WallTime): number => Date.UTC(w.year, w.month - 1, w.day, w.hour, w.minute, w.second);

/** Minutes east of Greenwich at `ms`, as milliseconds. */
export function offsetMs(ms: number, zone: string): number {
  return asUtc(wallTime(ms, zone)) - Math.floor(ms / 1000) * 1000;
}

/** The moment a wall clock shows `wall`. An hour that comes twice means its first, a skipped one the hour after. */
export function momentOf(wall: WallTime, zone: string): number {
  const naive = asUtc(wall);
  const early = naive - offsetMs(naive - 86_400_000, zone);
  if (offsetMs(early, zone) === naive - early) return early;
  const late = naive - offsetMs(naive + 86_400_000, zone);
  return offsetMs(late, zone) === naive - late ? late : early;
}

/** The production day so many days before the one that `ms` lies in, as `2026-11-24`; it lasts until the next one starts. */
export function productionDay(ms: number, zone: string, starts: string, back = 0): string {
  const w = wallTime(ms, zone);
  const [hour = 0, minute = 0] = starts.split(":").map(Number);
  const before = w.hour * 60 + w.minute < hour * 60 + minute ? 1 : 0;
  return new Date(Date.UTC(w.year, w.month - 1, w.day - before - back)).toISOString().slice(0, 10);
}

const two = (n: number): string => String(n).padStart(2, "0");

/** `2026-11-24T06:00`, as an input of type datetime-local wants it. */
export function toInput(ms: number, zone: string): string {
  const w = wallTime(ms, zone);
  return `${w.year}-${two(w.month)}-${two(w.day)}T${two(w.hour)}:${two(w.minute)}`;
}

/** The moment typed into a datetime-local input; undefined when it is not complete. */
export function fromInput(text: string, zone: string): number | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text);
  if (!found) return undefined;
  const [year, month, day, hour, minute] = found.slice(1).map(Number) as [number, number, number, number, number];
  return momentOf({ year, month, day, hour, minute, second: 0 }, zone);
}
