/** The texts of objections, which stand on more than one page. */
import en from "@texts/en/objections_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type ObjectionsKey = keyof typeof en;
const texts = new Texts<ObjectionsKey>(en, () => import("@texts/zh/objections_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const o = (key: ObjectionsKey, fields?: Fields): string => texts.say(house.language, key, fields);
