/** The texts of the page Hub, which arrive with it and not before. */
import en from "@texts/en/member_page.json";
import { app } from "../app.svelte";
import { unitOf } from "../bands/words";
import { Texts, type Fields } from "../texts/catalogue";
import type { Indicator, Told } from "./types";

export type MemberKey = keyof typeof en;
const texts = new Texts<MemberKey>(en, () => import("@texts/zh/member_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: MemberKey, fields?: Fields): string => texts.say(app.language, key, fields);

/** A value in the unit people read it in: shares in percent. */
export function valueWords(value: number, { unit }: Pick<Indicator, "unit">): string {
  return unit === "share" ? `${app.formats.percent(value)} %` : `${app.formats.measure(value)} ${unitOf({ unit })}`;
}

/** Asks the node to do something about the membership; its answer is the membership as it stands then. */
export const act = (what: string, body: object = {}): Promise<Told> => app.client.send<Told>("POST", `member/${what}`, body);
