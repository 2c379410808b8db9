/** The texts of the rule laboratory, and figures with their intervals. */
import en from "@texts/en/laboratory_page.json";
import { house } from "../../house.svelte";
import { Texts, type Fields } from "../../texts/catalogue";
import type { Told } from "./types";

export type LaboratoryKey = keyof typeof en;
const texts = new Texts<LaboratoryKey>(en, () => import("@texts/zh/laboratory_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: LaboratoryKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** A figure as it is written; where it is not told, that. */
export const alone = (told: Told, write: (value: number) => string): string => (told ? write(told.value) : w("laboratory_page.withheld"));

/** The same with its interval, unless both ends read alike. */
export function withInterval(told: Told, write: (value: number) => string): string {
  if (!told) return w("laboratory_page.withheld");
  const [value, low, high] = [told.value, told.low, told.high].map(write) as [string, string, string];
  return low === high ? value : w("laboratory_page.interval", { value, low, high });
}

/** Digits of a figure that is not certain: more would only look exact. */
const OF_ESTIMATE = 3;

/** An amount as exact as it is: what hangs on samples or fillings is rounded. */
export const money = (told: Told, write: (value: number) => string) => (value: number): string =>
  write(told && told.low !== told.high ? Number(value.toPrecision(OF_ESTIMATE)) : Math.round(value));

/** With its sign, which is a real minus. */
export const signed = (write: (value: number) => string) => (value: number): string => {
  const text = write(Math.abs(value));
  return /[1-9]/.test(text) ? `${value < 0 ? "−" : "+"}${text}` : text;
};
