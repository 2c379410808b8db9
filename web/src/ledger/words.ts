/** The texts of the page Ledger, which arrive with it and not before. */
import en from "@texts/en/ledger_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type LedgerKey = keyof typeof en;
const texts = new Texts<LedgerKey>(en, () => import("@texts/zh/ledger_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: LedgerKey, fields?: Fields): string => texts.say(house.language, key, fields);
