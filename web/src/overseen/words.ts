/** The texts of the page on authorities, which arrive with it and not before. */
import en from "@texts/en/overseen_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";
import type { Told } from "./types";

export type OverseenKey = keyof typeof en;
const texts = new Texts<OverseenKey>(en, () => import("@texts/zh/overseen_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: OverseenKey, fields?: Fields): string => texts.say(app.language, key, fields);

/** Asks the node for something; its answer is how everything stands then. */
export const act = (path: string, body: object = {}): Promise<Told> => app.client.send<Told>("POST", `member/${path}`, body);
