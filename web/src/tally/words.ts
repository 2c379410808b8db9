/** The texts of the tally page, which arrive with it and not before. */
import en from "@texts/en/tally_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type TallyKey = keyof typeof en;
const texts = new Texts<TallyKey>(en, () => import("@texts/zh/tally_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: TallyKey, fields?: Fields): string => texts.say(app.language, key, fields);
