/** The texts of the page Energy, which arrive with it and not before. A key one language lacks does not compile. */
import en from "@texts/en/energy_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type EnergyKey = keyof typeof en;
const texts = new Texts<EnergyKey>(en, () => import("@texts/zh/energy_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: EnergyKey, fields?: Fields): string => texts.say(app.language, key, fields);

/** A number as its size deserves, or a dash. */
export const figure = (value: number | null): string => (value === null ? "–" : app.formats.measure(value));

/** A share as a percentage, or a dash. */
export const share = (value: number | null): string => (value === null ? "–" : `${app.formats.percent(value)} %`);
