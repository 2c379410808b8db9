/** The texts that the pages of the three tiers share, and figures in the words of their indicator. */
import en from "@texts/en/tiers_page.json";
import { house } from "../house.svelte";
import type { Picks } from "../route/path";
import { Texts, type Fields } from "../texts/catalogue";
import type { Measured } from "./types";

export type TiersKey = keyof typeof en;
const texts = new Texts<TiersKey>(en, () => import("@texts/zh/tiers_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const b = (key: TiersKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** The unit in the reader's language; one that has no word is written as it is. */
export function unitOf({ unit }: Pick<Measured, "unit">): string {
  const key = `tiers_page.unit.${unit.replaceAll(/[ /]/g, "_")}`;
  return key in en ? b(key as TiersKey) : unit;
}

const times = ({ unit }: Measured): number => (unit === "share" ? 100 : 1);

/** Digits of a figure whose grid is a part of the value. */
const OF_RATIO = 3;

/** The decimals that the grid of an indicator asks for. */
function decimals(indicator: Measured, value: number): number {
  if (indicator.ratio) return value === 0 ? 0 : Math.max(0, OF_RATIO - 1 - Math.floor(Math.log10(Math.abs(value * times(indicator)))));
  const step = Number((indicator.step * times(indicator)).toPrecision(6));
  return (String(step).split(".")[1] ?? "").length;
}

/** A figure without its unit: one of many to the grid, one of a single member (`own`) a digit finer; whole machines stay whole. */
export const figure = (indicator: Measured, value: number, own = false): string =>
  house.formats.number(value * times(indicator), decimals(indicator, value) + (own && (indicator.unit === "share" || !Number.isInteger(value)) ? 1 : 0));

/** The figures of an axis, all with as many decimals as the finest of them needs. */
export function marks(indicator: Measured, ticks: readonly number[]): string[] {
  const shown = ticks.map((tick) => Number((tick * times(indicator)).toPrecision(10)));
  const digits = Math.max(0, ...shown.map((one) => (String(one).split(".")[1] ?? "").length));
  return shown.map((one) => house.formats.number(one, digits));
}

/** A figure with its unit. */
export const withUnit = (indicator: Measured, value: number, own = false): string => `${figure(indicator, value, own)} ${unitOf(indicator)}`;

/** A difference with its unit: shares differ by points. */
export const difference = (indicator: Measured, value: number): string =>
  `${indicator.ratio ? house.formats.measure(value) : figure(indicator, value, true)} ${indicator.unit === "share" ? b("tiers_page.unit.points") : unitOf(indicator)}`;

/** A quarter "2026-Q3" as a reader says it. */
export const periodWords = (period: string): string => b("tiers_page.quarter", { year: period.slice(0, 4), quarter: period.slice(-1) });

/** A share in percent; a small one with a decimal, so that it does not read as nothing. */
export const percent = (share: number): string => `${house.formats.number(share * 100, share > 0 && share < 0.1 ? 1 : 0)} %`;

/** What the page is about by its address. */
export const picked = (name: keyof Picks): string | undefined => house.router.route.pick?.[name];

/** Puts what the page is about into its address; an empty word takes it out. */
export function pick(patch: Picks): void {
  const all = Object.entries({ ...house.router.route.pick, ...patch }).filter(([, value]) => value);
  house.router.adjust({ pick: all.length ? (Object.fromEntries(all) as Picks) : undefined });
}
