/** The texts of the page Ledger, which arrive with it and not before. */
import en from "@texts/en/ledger_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type LedgerKey = keyof typeof en;
const texts = new Texts<LedgerKey>(en, () => import("@texts/zh/ledger_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: LedgerKey, fields?: Fields): string => texts.say(app.language, key, fields);
