/** The texts of sandboxes and incidents, and limits in the words of their indicator. */
import en from "@texts/en/oversight_cards_page.json";
import { withUnit } from "../../bands/words";
import { house } from "../../house.svelte";
import { Texts, type Fields } from "../../texts/catalogue";
import type { LimitTold } from "./card_types";

export type CardKey = keyof typeof en;
const texts = new Texts<CardKey>(en, () => import("@texts/zh/oversight_cards_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const c = (key: CardKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** What an indicator has to keep within. */
export function within(limit: LimitTold): string {
  const end = (value: number | null): string => (value === null ? "" : withUnit(limit, value, true));
  const [least, most] = [end(limit.least), end(limit.most)];
  const key = least && most ? "between" : least ? "least" : "most";
  return c(`oversight_cards_page.limit.${key}`, { least, most });
}
