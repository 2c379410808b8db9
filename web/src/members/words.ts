/** The texts of the page Members, which arrive with it and not before. */
import en from "@texts/en/members_page.json";
import type { Facts } from "../bands/facts.svelte";
import { house } from "../house.svelte";
import { Texts, type Fields } from "../texts/catalogue";
import type { Member } from "./register";

export type MembersKey = keyof typeof en;
const texts = new Texts<MembersKey>(en, () => import("@texts/zh/members_page.json"));
await texts.bring(house.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: MembersKey, fields?: Fields): string => texts.say(house.language, key, fields);

/** The industry of a member with its code. */
export const industryOf = ({ profile }: Pick<Member, "profile">, facts: Facts): string => `${profile.industry} ${facts.industries.get(profile.industry.slice(0, 2)) ?? ""}`.trim();
