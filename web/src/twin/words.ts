/** The texts of the twin's page, which arrive with it and not before. A key one language lacks does not compile. */
import en from "@texts/en/twin_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type TwinKey = keyof typeof en;
const texts = new Texts<TwinKey>(en, () => import("@texts/zh/twin_page.json"));
await texts.bring(app.language);

export const isTwinKey = (key: string): key is TwinKey => Object.hasOwn(en, key);

/** The sentence of `key` in the reader's language. */
export const w = (key: TwinKey, fields?: Fields): string => texts.say(app.language, key, fields);

/** The same for a name that came over the wire: what nobody worded stands as it came. */
export function named(group: string, name: string): string {
  const key = `twin_page.${group}.${name}`;
  return isTwinKey(key) ? w(key) : name;
}
