/** The texts of secure sums. */
import en from "@texts/en/sums_page.json";
import { house } from "../../house.svelte";
import { Texts, type Fields } from "../../texts/catalogue";

export type SumsKey = keyof typeof en;
const texts = new Texts<SumsKey>(en, () => import("@texts/zh/sums_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: SumsKey, fields?: Fields): string => texts.say(house.language, key, fields);
