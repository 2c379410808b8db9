/** The texts of an opened number, which arrive with it and not before. */
import en from "@texts/en/number_panel.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type NumberKey = keyof typeof en;
const texts = new Texts<NumberKey>(en, () => import("@texts/zh/number_panel.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: NumberKey, fields?: Fields): string => texts.say(app.language, key, fields);
