/** The texts of the public page, which arrive with it and not before. */
import en from "@texts/en/observatory_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type ObservatoryKey = keyof typeof en;
const texts = new Texts<ObservatoryKey>(en, () => import("@texts/zh/observatory_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: ObservatoryKey, fields?: Fields): string => texts.say(house.language, key, fields);
