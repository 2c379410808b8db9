/** The texts of log-in and of the page People, which arrive with them and not before. */
import en from "@texts/en/people_page.json";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type PeopleKey = keyof typeof en;
const texts = new Texts<PeopleKey>(en, () => import("@texts/zh/people_page.json"));
await texts.bring(house.language);
/** Where a role may hold here. */
export const places = await house.bringPlaces();

/** The sentence of `key` in the reader's language. */
export const w = (key: PeopleKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** Roles that are for programs, which show tokens. */
export const PROGRAMS: ReadonlySet<string> = new Set(["collector", "monitor", "reader"]);

/** A role in the reader's words; one that has none is shown as it is called. */
export const roleName = (role: string): string => {
  const key = `people_page.role.${role}`;
  return key in en ? w(key as PeopleKey) : role;
};

/** Where a role holds: the whole of it, or an area, line, machine or member by its name. */
export function placeName(scope: string): string {
  return places.named(scope) ?? (scope === "site" ? w("people_page.site") : scope.slice(scope.indexOf("/") + 1));
}
