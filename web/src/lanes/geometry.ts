/** Lanes of states: where a moment stands on the screen, and what a screen's pixels can show of a lane. */
import type { Window } from "../api/client";
import type { Shift } from "../api/types";

/** States that tile time: state `s[i]` holds from `t[i]` to `t[i + 1]`. */
export interface Lane {
  t: readonly number[];
  s: readonly number[];
}

export const NO_LANE: Lane = { t: [], s: [] };

export const toX = (ms: number, view: Window, width: number): number =>
  ((ms - view.from) / (view.to - view.from)) * width;

export const toMs = (x: number, view: Window, width: number): number =>
  view.from + (x / width) * (view.to - view.from);

/** The stretch that holds at `ms`, or -1 outside the lane. */
export function stretchAt({ t, s }: Lane, ms: number): number {
  if (!s.length || ms < (t[0] ?? 0) || ms >= (t[s.length] ?? 0)) return -1;
  let low = 0;
  let high = s.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((t[middle] ?? 0) <= ms) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** One painted piece: pixels [x0, x1) in a state's fill. */
export interface Run {
  x0: number;
  x1: number;
  state: number;
}

/**
 * The runs a lane paints in `view`. Stretches of at least a pixel keep their edges; where several share a pixel,
 * the one with most of its time has it, so a zoomed-out lane shows true proportions and never more runs than pixels.
 */
export function runs(lane: Lane, view: Window, width: number): Run[] {
  const found: Run[] = [];
  const { t, s } = lane;
  const first = Math.max(0, stretchAt(lane, Math.max(view.from, t[0] ?? 0)));
  let column = -1;
  let shares = new Map<number, number>();
  const settle = (): void => {
    let best = -1;
    let most = 0;
    for (const [state, share] of shares) if (share > most) [best, most] = [state, share];
    if (best >= 0) push(found, column, column + 1, best);
    shares = new Map();
  };
  for (let i = first; i < s.length && (t[i] ?? 0) < view.to; i++) {
    const state = s[i] ?? 0;
    const x0 = Math.max(0, toX(t[i] ?? 0, view, width));
    const x1 = Math.min(width, toX(t[i + 1] ?? 0, view, width));
    if (x1 <= x0) continue;
    const head = Math.floor(x0);
    const tail = Math.floor(x1);
    if (head !== column) {
      settle();
      column = head;
    }
    shares.set(state, (shares.get(state) ?? 0) + Math.min(x1, head + 1) - x0);
    if (tail > head) {
      settle();
      if (tail > head + 1) push(found, head + 1, tail, state);
      column = tail;
      if (x1 > tail) shares.set(state, x1 - tail);
    }
  }
  settle();
  return found;
}

function push(found: Run[], x0: number, x1: number, state: number): void {
  const last = found.at(-1);
  if (last && last.state === state && last.x1 === x0) last.x1 = x1;
  else found.push({ x0, x1, state });
}

/** The narrowest stretch of the calendar worth drawing, in pixels. */
const LEGIBLE_PX = 8;

/** The shifts in `view` as far as `width` pixels can tell them apart: else as production days, else not at all. */
export function legible(shifts: readonly Shift[], view: Window, width: number): Shift[] {
  const shown = shifts.filter((s) => s.end_ms > view.from && s.start_ms < view.to);
  const fits = (list: readonly Shift[]): boolean =>
    list.reduce((ms, s) => ms + s.end_ms - s.start_ms, 0) * width >= LEGIBLE_PX * list.length * (view.to - view.from);
  if (fits(shown)) return shown;
  const days = new Map<string, Shift>();
  for (const shift of shown) {
    const day = days.get(shift.production_day);
    if (day) day.end_ms = Math.max(day.end_ms, shift.end_ms);
    else days.set(shift.production_day, { ...shift, name: "", breaks: [] });
  }
  return fits([...days.values()]) ? [...days.values()] : [];
}

/** The moments inside `view` at which a shift begins or ends; one shift's end is often the next one's beginning. */
export function shiftEdges(shifts: readonly Shift[], view: Window, width: number): number[] {
  const edges = new Set(legible(shifts, view, width).flatMap((shift) => [shift.start_ms, shift.end_ms]));
  return [...edges].filter((ms) => ms > view.from && ms < view.to);
}

/** Seconds in each state inside `window`, by the state's index. */
export function totals({ t, s }: Lane, window: Window): Map<number, number> {
  const sums = new Map<number, number>();
  for (let i = 0; i < s.length; i++) {
    const seconds = (Math.min(t[i + 1] ?? 0, window.to) - Math.max(t[i] ?? 0, window.from)) / 1000;
    if (seconds > 0) sums.set(s[i] ?? 0, (sums.get(s[i] ?? 0) ?? 0) + seconds);
  }
  return sums;
}

/** The stretches of at least a second in which the lane is in `state`. */
export const stretches = ({ t, s }: Lane, state: number): Window[] =>
  s.flatMap((code, i) => {
    const [from, to] = [t[i] ?? 0, t[i + 1] ?? 0];
    return code === state && to - from >= 1000 ? [{ from, to }] : [];
  });

/** How often the state changes inside `window`. */
export const changes = ({ t, s }: Lane, window: Window): number =>
  t.slice(1, s.length).filter((ms) => ms > window.from && ms < window.to).length;

/** The lane carried on to `now`: by its last state, or by the live one since it began. */
export function carryOn(lane: Lane, live: { state: number; since: number } | null | undefined, now: number): Lane {
  const { t, s } = lane;
  const end = t[s.length];
  if (end === undefined || now <= end) return lane;
  const last = s[s.length - 1];
  if (!live || live.state === last || live.since >= now) return { t: [...t.slice(0, -1), now], s };
  const since = Math.max(live.since, t[s.length - 1] ?? 0);
  if (since >= end) return { t: [...t.slice(0, -1), since, now], s: [...s, live.state] };
  const keep = stretchAt(lane, since);
  return { t: [...t.slice(0, keep + 1), since, now], s: [...s.slice(0, keep + 1), live.state] };
}
