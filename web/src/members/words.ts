/** The texts of the page Members, which arrive with it and not before. */
import en from "@texts/en/members_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type MembersKey = keyof typeof en;
const texts = new Texts<MembersKey>(en, () => import("@texts/zh/members_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: MembersKey, fields?: Fields): string => texts.say(house.language, key, fields);
