/** Where figures lie on an axis from nothing, and how far a figure of a rule may be moved. */
import type { Programme } from "../programmes/types";
import type { Effect, Estimate, Movement, Told } from "./types";

const NICE = [1, 2, 2.5, 5, 10];

/** The smallest nice number that is not less. */
export function nice(most: number): number {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = NICE.find((one) => one * power >= most * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(12));
}

/** The end of an axis that holds all of some figures with their intervals. */
export const end = (told: readonly (Told | number | undefined)[]): number =>
  nice(Math.max(0, ...told.map((one) => (one === null || one === undefined ? 0 : typeof one === "number" ? one : Math.max(one.value, one.high)))));

/** A place on an axis from 0 to `most` in percent. */
export const at = (value: number, most: number): number => (most > 0 ? Math.min(100, Math.max(0, (value / most) * 100)) : 0);

/** An axis around figures that lie close together, as indices do, so that a change is seen; it says where it begins. */
export function around(told: readonly Estimate[]): { low: number; high: number } {
  const low = Math.min(...told.map((one) => one.low));
  const high = Math.max(...told.map((one) => one.high));
  const room = Math.max((high - low) * 0.25, Math.abs(high) * 0.002, 1e-9);
  return { low: Math.max(0, low - room), high: high + room };
}

/** The rows of a picture of who moves: only classes in which anybody does, or of which it is not told. */
export const moving = (classes: readonly Movement[]): Movement[] =>
  classes.filter((one) => (["gains", "loses", "enters", "drops_out", "cannot_say"] as const).some((name) => one[name] === null || one[name].value > 0));

/** How far a slider reaches and in which steps: shares to 1, all else to about twice of what it is. */
export function reach(value: number, unit: string): { most: number; step: number } {
  if (unit === "1" && value >= 0 && value <= 1) return { most: 1, step: 0.01 };
  const most = nice(Math.max(2 * Math.abs(value), 1));
  return { most, step: nice(most / 1000) };
}

/** The rule to begin with: the one of whose inputs members tell the most. */
export function firstRule(rules: readonly Programme[]): Programme | undefined {
  const told = ({ inputs }: Programme): number => inputs.filter(({ told_by }) => told_by !== null).length / (inputs.length || 1);
  return rules.reduce<Programme | undefined>((best, one) => (best && told(best) >= told(one) ? best : one), undefined);
}

/** Whether a trial says nothing of anybody, so that its pictures would all be empty. */
export const saysNothing = ({ whole }: Effect): boolean => whole.cannot_say !== null && whole.enterprises !== null && whole.enterprises > 0 && whole.cannot_say.value >= whole.enterprises;
