/** The texts of pilots, and effects in the words of their indicator. */
import en from "@texts/en/pilots_page.json";
import { b, unitOf } from "../../bands/words";
import { house } from "../../house.svelte";
import { Texts, type Fields } from "../../texts/catalogue";
import type { Interval, Measured } from "./types";

export type PilotsKey = keyof typeof en;
const texts = new Texts<PilotsKey>(en, () => import("@texts/zh/pilots_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: PilotsKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** By what an effect is multiplied to be read: shares are hundredths. */
export const times = ({ unit, relative }: Measured): number => (relative || unit === "share" ? 100 : 1);

/** The unit of a change: shares change by points, and relatively by per cent. */
export function unitWords({ unit, relative }: Measured): string {
  if (relative) return "%";
  return unit === "share" ? b("tiers_page.unit.points") : unitOf({ unit });
}

/** A change with its sign, which is a real minus; null is without bound. */
export function amount(of: Measured, value: number | null, withUnit = true): string {
  if (value === null) return w("pilots_page.no_bound");
  const shown = value * times(of);
  const text = Math.abs(shown) >= 100 ? house.formats.number(Math.abs(shown)) : house.formats.number(Math.abs(shown), 1);
  const sign = /[1-9]/.test(text) ? (shown < 0 ? "−" : "+") : "";
  return [`${sign}${text}`, withUnit ? unitWords(of) : ""].filter(Boolean).join(" ");
}

/** "−31.0 to −18.2 %". */
export const between = (of: Measured, { low, high }: Interval): string =>
  w("pilots_page.between", { low: amount(of, low, false), high: amount(of, high) });
