/** The texts of oversight, and answers in the reader's words. */
import en from "@texts/en/oversight_page.json";
import { house } from "../../house.svelte";
import { Texts, type Fields } from "../../texts/catalogue";
import { fromInput } from "../../time/zone";
import { bands, type Ends } from "./bands";
import type { Question, Reply } from "./types";

export type OversightKey = keyof typeof en;
const texts = new Texts<OversightKey>(en, () => import("@texts/zh/oversight_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: OversightKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** The last minute of a day, as a date field has it, in the zone of the hub. */
export const endOf = (date: string): number => fromInput(`${date}T23:59`, house.formats.zone) ?? 0;

export const day = (ms: number): string => house.formats.time(ms, "day", true);

function bandWords({ low, high }: Ends, unit: string): string {
  const share = unit === "share";
  const name = unit && !share ? ` ${unit}` : "";
  const figure = (value: number): string => (share ? `${house.formats.percent(value)} %` : house.formats.measure(value));
  if (low === undefined) return w("oversight_page.band.below", { high: figure(high ?? 0) }) + name;
  if (high === undefined) return w("oversight_page.band.from", { low: figure(low) }) + name;
  return w("oversight_page.band.between", { low: figure(low), high: figure(high) }) + name;
}

/** What the parts of the answers are called: yes and no, or each band. */
export function partWords({ kind, edges, unit }: Question): string[] {
  if (kind === "yes_no") return [w("oversight_page.yes"), w("oversight_page.no")];
  return kind === "band" ? bands(edges).map((one) => bandWords(one, unit)) : [];
}

/** What a member said. */
export function replyWords(question: Question, reply: Reply): string {
  if (reply.declined) return w("oversight_page.declined");
  if (reply.absent !== null) return w("oversight_page.absent", { why: reply.absent });
  if (reply.document) return w("oversight_page.document");
  const at = reply.yes === null ? (reply.band ?? 0) : reply.yes ? 0 : 1;
  return partWords(question)[at] ?? "";
}
