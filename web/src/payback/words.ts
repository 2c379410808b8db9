/** The texts of paybacks, which arrive with the pages that show them. */
import en from "@texts/en/payback_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type PaybackKey = keyof typeof en;
const texts = new Texts<PaybackKey>(en, () => import("@texts/zh/payback_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: PaybackKey, fields?: Fields): string => texts.say(house.language, key, fields);
