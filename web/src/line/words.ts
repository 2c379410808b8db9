/** The texts of the page Line, which arrive with it and not before. */
import en from "@texts/en/line_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type LineKey = keyof typeof en;
const texts = new Texts<LineKey>(en, () => import("@texts/zh/line_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: LineKey, fields?: Fields): string => texts.say(house.language, key, fields);
