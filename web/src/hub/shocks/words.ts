/** The texts of shocks, and figures that lie between two ends. */
import en from "@texts/en/shocks_page.json";
import { house } from "../../house.svelte";
import { Texts, type Fields } from "../../texts/catalogue";
import type { Between } from "./types";

export type ShocksKey = keyof typeof en;
const texts = new Texts<ShocksKey>(en, () => import("@texts/zh/shocks_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: ShocksKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** A figure between two ends; one where both read alike. */
export function between(of: Between, write: (value: number) => string): string {
  const [low, high] = [write(of.low), write(of.high)];
  return low === high ? low : w("shocks_page.between", { low, high });
}

export const percent = (value: number): string => `${house.formats.percent(value)} %`;
/** What is told in whole hundredths. */
export const whole = (value: number): string => `${house.formats.number(100 * value)} %`;
/** Days of output: to a hundredth, as those of a whole cluster are few. */
export const days = (value: number): string => house.formats.number(value, 2);
export const yuan = (value: number): string => house.formats.number(Number(value.toPrecision(3)));
