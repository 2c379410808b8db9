/** The one time range that governs a page: what was chosen, the window it means now, and its neighbours. */
import type { Window } from "../api/client";
import type { Shift } from "../api/types";

export const PRESETS = ["shift", "8h", "day", "24h", "7d", "14d"] as const;
export type Preset = (typeof PRESETS)[number];

/** A preset, anchored at a moment or following the clock; or a window typed or drawn by hand. */
export type Choice = { preset: Preset; at?: number } | Window;

const HOUR = 3_600_000;
const SPANS: Partial<Record<Preset, number>> = { "8h": 8 * HOUR, "24h": 24 * HOUR, "7d": 168 * HOUR, "14d": 336 * HOUR };

export const isPreset = (choice: Choice): choice is { preset: Preset; at?: number } => "preset" in choice;

/** True when the window moves with the clock. */
export const followsClock = (choice: Choice): boolean => isPreset(choice) && choice.at === undefined;

/** A stretch that the calendar names: one shift, or the shifts of one production day. */
export interface Stretch extends Window {
  name: string | null;
  production_day: string;
}

export function stretches(preset: "shift" | "day", shifts: readonly Shift[]): Stretch[] {
  if (preset === "shift") {
    return shifts.map((s) => ({ from: s.start_ms, to: s.end_ms, name: s.name, production_day: s.production_day }));
  }
  const days = new Map<string, Stretch>();
  for (const { start_ms, end_ms, production_day } of shifts) {
    const day = days.get(production_day);
    if (day) {
      day.from = Math.min(day.from, start_ms);
      day.to = Math.max(day.to, end_ms);
    } else {
      days.set(production_day, { from: start_ms, to: end_ms, name: null, production_day });
    }
  }
  return [...days.values()];
}

/** Where the chosen stretch stands in the list: the one around the anchor, else the last one begun before it. */
function place(list: readonly Stretch[], moment: number): number {
  const around = list.findIndex((s) => s.from <= moment && moment < s.to);
  return around >= 0 ? around : list.findLastIndex((s) => s.from <= moment);
}

export interface Resolved extends Window {
  /** The shift or production day this is, when the calendar names it. */
  stretch?: Stretch;
}

/** The window `choice` means at `now`. It never reaches into the future. */
export function resolve(choice: Choice, now: number, shifts: readonly Shift[]): Resolved {
  if (!isPreset(choice)) return { from: choice.from, to: choice.to };
  const moment = choice.at ?? now;
  if (choice.preset === "shift" || choice.preset === "day") {
    const list = stretches(choice.preset, shifts);
    const stretch = list[place(list, moment)];
    if (stretch) return { from: stretch.from, to: Math.max(stretch.from + 1000, Math.min(stretch.to, now)), stretch };
  }
  const to = Math.min(moment, now);
  return { from: to - (SPANS[choice.preset] ?? 8 * HOUR), to };
}

/** The choice one step earlier (-1) or later (+1); undefined when there is none or it has not begun. */
export function neighbour(choice: Choice, step: -1 | 1, now: number, shifts: readonly Shift[]): Choice | undefined {
  if (!isPreset(choice)) {
    const span = choice.to - choice.from;
    const moved = { from: choice.from + step * span, to: choice.to + step * span };
    return moved.from < now ? moved : undefined;
  }
  const { preset } = choice;
  const moment = choice.at ?? now;
  if (preset === "shift" || preset === "day") {
    const list = stretches(preset, shifts);
    const here = place(list, moment);
    const next = here < 0 ? undefined : list[here + step];
    if (!next || next.from > now) return undefined;
    return place(list, now) === here + step ? { preset } : { preset, at: next.from };
  }
  const at = moment + step * (SPANS[preset] ?? 0);
  if (step > 0 && choice.at === undefined) return undefined;
  return at >= now ? { preset } : { preset, at };
}

/** How often a window that follows the clock is asked for anew: short windows often, long ones rarely. */
export const refreshMs = (span: number): number => Math.min(600_000, Math.max(20_000, span / 1000));

/** The calendar around a choice that its window, its marks and its neighbours need. */
export function calendarWindow(choice: Choice, now: number): Window {
  const day = 24 * HOUR;
  const [from, to] = isPreset(choice) ? [(choice.at ?? now) - 14 * day, choice.at ?? now] : [choice.from, choice.to];
  return { from: Math.floor(from / day - 8) * day, to: Math.ceil(to / day + 8) * day };
}
