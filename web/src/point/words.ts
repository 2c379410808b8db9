/** The texts of the page Point, which arrive with it and not before. */
import en from "@texts/en/point_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type PointKey = keyof typeof en;
const texts = new Texts<PointKey>(en, () => import("@texts/zh/point_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: PointKey, fields?: Fields): string => texts.say(house.language, key, fields);
