/** The texts of the page Catalogue, which arrive with it and not before. */
import en from "@texts/en/catalogue_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";
import type { Catalogue, Grade, Statement } from "./types";

export type CatalogueKey = keyof typeof en;
const texts = new Texts<CatalogueKey>(en, () => import("@texts/zh/catalogue_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: CatalogueKey, fields?: Fields): string => texts.say(app.language, key, fields);

/** A grade in the reader's words. */
export const gradeName = (catalogue: Catalogue, grade: Grade): string =>
  catalogue.grades.find(({ id }) => id === grade)?.name ?? grade;

/** A label in the plant's words. */
export const labelName = (catalogue: Catalogue, label: string): string =>
  catalogue.labels.find(({ id }) => id === label)?.words ?? label;

/** How many things of which kinds, "14 KPI, 3 states". */
export const counted = (catalogue: Catalogue, kinds: Record<string, number>): string =>
  Object.entries(kinds)
    .map(([kind, count]) => w("catalogue_page.kinds", { count: app.formats.number(count), kind: catalogue.kinds[kind]?.name ?? kind }))
    .join(app.language === "zh" ? "、" : ", ");

/** What a statement says of its branch, in words. */
export function saidWords(catalogue: Catalogue, one: Statement): string {
  if (one.withdrawn) return w("catalogue_page.withdrawn");
  const grade = one.grade ? `${w(`catalogue_page.mode.${one.mode}`)} ${gradeName(catalogue, one.grade)}` : "";
  const labels = one.labels.map((label) => labelName(catalogue, label)).join(", ");
  return [grade, labels].filter(Boolean).join(" + ");
}

/** A place by its name: the site, a line, area or machine. */
export function placeName(place: string): string {
  if (place === "site") return w("catalogue_page.site");
  const id = place.slice(place.indexOf("/") + 1);
  if (place.startsWith("machine/")) return app.places.get(id)?.machine.name ?? id;
  if (place.startsWith("line/")) return app.lines.get(id)?.name ?? id;
  return app.plant?.areas.find((area) => area.id === id)?.name ?? id;
}

const SIZES = ["B", "kB", "MB", "GB", "TB"];

/** Bytes as people read them. */
export function sizeWords(bytes: number): string {
  const step = bytes > 0 ? Math.min(SIZES.length - 1, Math.floor(Math.log10(bytes) / 3)) : 0;
  return `${app.formats.number(bytes / 1000 ** step, step ? 1 : 0)} ${SIZES[step]}`;
}
