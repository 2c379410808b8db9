/** The texts of the page Valve, which arrive with it and not before. */
import en from "@texts/en/valve_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";
import type { Release } from "./types";

export type ValveKey = keyof typeof en;
const texts = new Texts<ValveKey>(en, () => import("@texts/zh/valve_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: ValveKey, fields?: Fields): string => texts.say(app.language, key, fields);

const SIZES = ["B", "kB", "MB", "GB", "TB"];

/** Bytes as people read them. */
export function sizeWords(bytes: number): string {
  const step = bytes > 0 ? Math.min(SIZES.length - 1, Math.floor(Math.log10(bytes) / 3)) : 0;
  return `${app.formats.number(bytes / 1000 ** step, step ? 1 : 0)} ${SIZES[step]}`;
}

/** Several things one after the other, "4 KPI, 2 states". */
export const listed = (some: readonly string[]): string => some.join(app.language === "zh" ? "、" : ", ");

/** What a release lets out, in words. */
export const tellsWords = (release: Release): string =>
  release.own ? w("valve_page.tells.own") : listed(release.tells.map(({ name, things }) => w("valve_page.tells", { name, count: app.formats.number(things) })));

/** How much leaves in this hour. */
export const rateWords = (parcels: number, bytes: number): string =>
  parcels ? w("valve_page.rate", { parcels: app.formats.number(parcels), bytes: sizeWords(bytes) }) : w("valve_page.rate.none");

/** How much epsilon is left of the budget of a release with noise; undefined where there is none. */
export function privacyLeft({ shaping, epsilon_left: left, epsilon_beside: beside }: Release): { share: number; words: string } | undefined {
  if (left === null || !shaping?.budget) return undefined;
  const own = w("valve_page.budget.epsilon", { left: app.formats.exact(left), all: app.formats.exact(shaping.budget) });
  const all = beside ? w("valve_page.budget.together", { all: app.formats.exact(shaping.budget + beside) }) : "";
  return { share: left / shaping.budget, words: [own, all].filter(Boolean).join(" · ") };
}
