/** The texts of the page Surface, which arrive with it and not before. */
import en from "@texts/en/surface_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type SurfaceKey = keyof typeof en;
const texts = new Texts<SurfaceKey>(en, () => import("@texts/zh/surface_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: SurfaceKey, fields?: Fields): string => texts.say(house.language, key, fields);
