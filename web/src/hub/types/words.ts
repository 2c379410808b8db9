/** The texts of classes and types. */
import en from "@texts/en/types_page.json";
import { house } from "../../house.svelte";
import { Texts, type Fields } from "../../texts/catalogue";

export type TypesKey = keyof typeof en;
const texts = new Texts<TypesKey>(en, () => import("@texts/zh/types_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: TypesKey, fields?: Fields): string => texts.say(house.language, key, fields);
