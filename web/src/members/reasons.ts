/** Why a value is absent, in the words that node and hub share. */
import en from "@texts/en/exchange.json";
import { house } from "../house.svelte";
import { Texts } from "../texts/catalogue";

type ExchangeKey = keyof typeof en;
const texts = new Texts<ExchangeKey>(en, () => import("@texts/zh/exchange.json"));
await texts.bring(house.language);

/** The reason in the reader's language; one that is not known as it is called. */
export const reasonWords = (reason: string): string => {
  const key = `exchange.absent.${reason}`;
  return key in en ? texts.say(house.language, key as ExchangeKey) : reason;
};
