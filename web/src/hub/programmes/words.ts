/** The texts of programmes and applications, and amounts in the reader's words. */
import en from "@texts/en/programmes_page.json";
import { house } from "../../house.svelte";
import { Texts, type Fields } from "../../texts/catalogue";
import { describe } from "./amounts";
import type { Range, Value } from "./types";

export type ProgrammesKey = keyof typeof en;
const texts = new Texts<ProgrammesKey>(en, () => import("@texts/zh/programmes_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: ProgrammesKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** A unit in the reader's language; one that has no word is written as it is, and a pure number has none. */
export function unitOf(unit: string | null): string {
  if (unit === null || unit === "1") return "";
  const key = `programmes_page.unit.${unit}`;
  return key in en ? w(key as ProgrammesKey) : unit;
}

/** An amount with its unit. */
export const amount = (value: number, unit: string | null): string =>
  [house.formats.number(value, Number.isInteger(value) || Math.abs(value) >= 1000 ? 0 : 2), unitOf(unit)].filter(Boolean).join(" ");

/** An amount, or between what it lies. */
export function between(range: Range, unit: string): string {
  const { kind, low, high } = describe(range);
  if (kind === "open") return w("programmes_page.amount.open");
  return w(`programmes_page.amount.${kind}`, { low: amount(low, unit), high: amount(high, unit) });
}

/** A figure as a rule states it, to its last digit. */
export const stated = (value: number, unit: string | null): string => [house.formats.exact(value), unitOf(unit)].filter(Boolean).join(" ");

/** A figure, a word or a truth that is known. */
export function said(value: Value, unit: string | null): string {
  if (typeof value === "number") return [house.formats.measure(value), unitOf(unit)].filter(Boolean).join(" ");
  return typeof value === "boolean" ? w(value ? "programmes_page.yes" : "programmes_page.no") : value;
}
