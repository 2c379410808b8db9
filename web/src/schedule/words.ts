/** The texts of the schedule's page, which arrive with it and not before. A key one language lacks does not compile. */
import en from "@texts/en/schedule_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";
import type { Between } from "./types";

export type ScheduleKey = keyof typeof en;
const texts = new Texts<ScheduleKey>(en, () => import("@texts/zh/schedule_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: ScheduleKey, fields?: Fields): string => texts.say(app.language, key, fields);

/** A machine of the plant by the name people use. */
export const machineName = (id: string): string => app.places.get(id)?.machine.name ?? id;

/** A chance: "58 %"; only what never or always happened is 0 or 100. */
export function chance(told: Between | null | undefined): string {
  if (!told) return "–";
  const share = told.mean > 0 && told.mean < 1 ? Math.min(Math.max(told.mean, 0.01), 0.99) : told.mean;
  return `${app.formats.number(100 * share)} %`;
}

/** With its sign, which is a real minus; nothing where nothing changed. */
export function signed(value: number, digits = 0): string {
  const text = app.formats.number(Math.abs(value), digits);
  if (!/[1-9]/.test(text)) return "=";
  return `${value < 0 ? "−" : "+"}${text}`;
}
