/** The texts of log-in and of the page People, which arrive with them and not before. */
import en from "@texts/en/people_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type PeopleKey = keyof typeof en;
const texts = new Texts<PeopleKey>(en, () => import("@texts/zh/people_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: PeopleKey, fields?: Fields): string => texts.say(app.language, key, fields);

/** A role in the reader's words; one that has none is shown as it is called. */
export const roleName = (role: string): string => {
  const key = `people_page.role.${role}`;
  return key in en ? w(key as PeopleKey) : role;
};

/** Where a role holds: the site, or an area, line or machine by its name. */
export function placeName(scope: string): string {
  if (scope === "site") return w("people_page.site");
  const id = scope.slice(scope.indexOf("/") + 1);
  const known = scope.startsWith("machine/") ? app.places.get(id)?.machine.name : scope.startsWith("line/") ? app.lines.get(id)?.name : undefined;
  return known ?? app.plant?.areas.find((area) => scope === `area/${area.id}`)?.name ?? id;
}
