/** The texts of packs, and their figures in the reader's words. */
import en from "@texts/en/packs_page.json";
import { difference } from "../../bands/words";
import { house } from "../../house.svelte";
import { Texts, type Fields } from "../../texts/catalogue";
import { monthWords } from "../../time/months";
import type { Both, Brief, Cost, Effect } from "./types";

export type PacksKey = keyof typeof en;
const texts = new Texts<PacksKey>(en, () => import("@texts/zh/packs_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const p = (key: PacksKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** A text of two languages. */
export const said = (both: Both): string => both[house.language];

/** Yuan. */
export const cny = (value: number): string => p("packs_page.cny", { amount: house.formats.number(value) });

/** From, to; one amount where they are the same. */
export const range = ([low, high]: readonly [number, number]): string => (low === high ? cny(low) : p("packs_page.from_to", { low: house.formats.number(low), high: cny(high) }));

/** A share as percent with its sign, or a difference in the indicator's unit. */
export function change(value: number, relative: boolean, pack: Brief): string {
  const [sign, size] = [value > 0 ? "+" : value < 0 ? "−" : "", Math.abs(value)];
  return sign + (relative ? `${house.formats.number(size * 100, size < 0.1 ? 1 : 0)} %` : difference(pack, size));
}

/** An interval, open where an end is not known. */
export function interval(low: number | null, high: number | null, relative: boolean, pack: Brief): string {
  const end = (value: number | null): string => (value === null ? p("packs_page.open") : change(value, relative, pack));
  return p("packs_page.interval", { low: end(low), high: end(high) });
}

/** Which pilot it was, and that it was of a demonstration. */
export const pilotName = (one: Effect): string =>
  p(one.generated ? "packs_page.pilot.generated" : "packs_page.pilot", { until: monthWords(one.until), members: house.formats.number(one.members) });

/** By whom the cost is told. */
export const costSource = (cost: Cost): string => (cost.members ? p("packs_page.cost.members", { members: cost.members }) : p("packs_page.cost.stated"));

/** Where something lies between two ends, in percent of the width. */
export const place = (value: number, low: number, high: number): number => (high > low ? Math.min(100, Math.max(0, (100 * (value - low)) / (high - low))) : 50);
