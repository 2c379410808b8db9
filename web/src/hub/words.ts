/** The texts of a hub's own screens. */
import en from "@texts/en/hub_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type HubKey = keyof typeof en;
const texts = new Texts<HubKey>(en, () => import("@texts/zh/hub_page.json"));

/** The sentence of `key` in the reader's language. */
export const h = (key: HubKey, fields?: Fields): string => texts.say(house.language, key, fields);
