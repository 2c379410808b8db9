/** Numbers of the twin's page as a reader says them. */
import { app } from "../app.svelte";
import { doing, isReadyMade } from "./changes";
import type { Between, Change, Gap, Measure } from "./types";
import { between } from "./numbers";
import { w, type TwinKey } from "./words";

/** With its sign, which is a real minus. */
export const signed = (value: number, digits: number): string => {
  const text = app.formats.number(Math.abs(value), digits);
  if (!/[1-9]/.test(text)) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
};

/** A difference with the ends of its interval: "+4.2 [3.1 to 5.3]". */
export const gap = ({ mean, low, high }: Between, digits: number): string =>
  w("twin_page.gap", { mean: signed(mean, digits), low: signed(low, digits), high: signed(high, digits) });

export const percentGap = (relative: Measure | null): string =>
  relative ? `${gap(between(relative, 100), 1)} %` : "";

/** A mean with the half-width of its interval: "79.6 ± 0.4". */
export function plusMinus({ mean, half_width }: Measure, digits: number): string {
  const text = app.formats.number(mean, digits).replace("-", "−");
  return half_width === null ? text : `${text} ± ${app.formats.number(half_width, digits)}`;
}

/** Whether an interval leaves out zero. */
export const isTold = ({ mean, half_width }: Measure | Gap): boolean => half_width !== null && Math.abs(mean) > half_width;

/** A ready-made change in the reader's language and with the machine's name; one of a person's own keeps its name. */
export function changeWords(change: Change, names: ReadonlyMap<string, string>, alone = false): string {
  const does = doing(change);
  if (!does || !isReadyMade(change.name, does.place, names.get(does.place))) return change.name;
  const { kind, amount, place } = does;
  const shorter = kind === "cycle" || kind === "repair" || kind === "setup";
  if (shorter && amount >= 1) return change.name;
  const told = app.formats.number(shorter ? (1 - amount) * 100 : amount, Number.isInteger(amount) || shorter ? 0 : 1);
  const key: TwinKey = `twin_page.change.${kind}`;
  const what = w(key, { amount: told });
  return alone ? what : w("twin_page.change.at", { place: names.get(place) ?? place, what });
}
