/** Bands between edges, and places of days on a line. */

export interface Ends {
  low?: number;
  high?: number;
}

/** The bands between rising edges, the first below the first of them. */
export const bands = (edges: readonly number[]): Ends[] =>
  [...edges, undefined].map((high, at) => {
    const low = edges[at - 1];
    return { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
  });

const DAY = 86_400_000;

/** From when to when a calendar goes: whole months around now and all that is due, at least from this one to the next. */
export function reach(now: number, due: readonly number[]): { from: number; to: number; months: number[] } {
  const first = new Date(Math.min(now, ...due.filter((one) => one > now - 92 * DAY)));
  const last = new Date(Math.max(now + 31 * DAY, ...due));
  const months: number[] = [];
  for (let at = Date.UTC(first.getUTCFullYear(), first.getUTCMonth()); at <= last.getTime(); ) {
    months.push(at);
    const day = new Date(at);
    at = Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1);
  }
  const end = new Date(months.at(-1) ?? now);
  return { from: months[0] ?? now, to: Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1), months };
}

/** Rows for marks so that none lies on another: the first free one for each, in their order. */
export function lanes(places: readonly number[], apart: number): number[] {
  const last: number[] = [];
  return places.map((place) => {
    let row = last.findIndex((one) => place - one >= apart);
    if (row < 0) row = last.length;
    last[row] = place;
    return row;
  });
}

/** "a, b" as a list, without what is empty. */
export const listed = (text: string): string[] =>
  text
    .split(/[,，、;\s]+/)
    .map((one) => one.trim())
    .filter(Boolean);
