/** The texts of the page Packs, which arrive with it and not before. */
import en from "@texts/en/solutions_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";
import { changeOf, type Span } from "./scale";
import type { Indicator, Interval } from "./types";

export type PacksKey = keyof typeof en;
const texts = new Texts<PacksKey>(en, () => import("@texts/zh/solutions_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: PacksKey, fields?: Fields): string => texts.say(app.language, key, fields);

/** The unit of a change of an indicator: percent of before, percentage points, or its own. */
export const unitOf = ({ unit }: Indicator, relative: boolean): string => (relative ? "%" : unit === "share" ? w("solutions_page.points") : unit);

/** A change with its sign, in that unit. */
export function change(value: number, indicator: Indicator, relative: boolean): string {
  const told = changeOf(value, indicator.unit, relative);
  const sign = told > 0 ? "+" : told < 0 ? "−" : "";
  return `${sign}${app.formats.measure(Math.abs(told))} ${unitOf(indicator, relative)}`.trim();
}

/** An interval of changes. */
export const interval = ({ low, high, relative }: Interval, indicator: Indicator): string =>
  w("solutions_page.interval", { low: change(low, indicator, relative), high: change(high, indicator, relative) });

/** A value in the unit people read it in: shares in percent. */
export const value = (one: number, { unit }: Indicator): string =>
  unit === "share" ? `${app.formats.percent(one)} %` : `${app.formats.measure(one)} ${unit}`.trim();

/** A range of money. */
export const money = ([low, high]: readonly [number, number]): string =>
  w("solutions_page.cny", { amount: low === high ? app.formats.number(low) : `${app.formats.number(low)} – ${app.formats.number(high)}` });

export type { Span };
