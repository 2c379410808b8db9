/** The texts of the screens. A key one language lacks does not compile. */
import enCommon from "@texts/en/common.json";
import enWeb from "@texts/en/web.json";
import zhCommon from "@texts/zh/common.json";
import zhWeb from "@texts/zh/web.json";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

const en = { ...enCommon, ...enWeb };
const zh = { ...zhCommon, ...zhWeb };

export type Key = keyof typeof en;
type Catalogue = Record<Key, string>;
const CATALOGUES: Record<Language, Catalogue> = { en, zh };

export type Fields = Record<string, string | number>;

export const isLanguage = (text: string | null | undefined): text is Language =>
  LANGUAGES.includes(text as Language);

export const isKey = (key: string): key is Key => Object.hasOwn(en, key);

/** A text with its {named} fields filled in. */
export const fill = (text: string, fields: Fields = {}): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fields[name] ?? whole));

/** The sentence of `key` with its {named} fields filled in. */
export const say = (language: Language, key: Key, fields?: Fields): string => fill(CATALOGUES[language][key], fields);

/** The language to start with: the address, then what was chosen before, then what the browser asks for. */
export function chooseLanguage(
  address: Language | undefined,
  stored: string | null,
  browser: readonly string[],
): Language {
  if (address) return address;
  if (isLanguage(stored)) return stored;
  const wanted = browser.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage);
  return wanted ?? "en";
}
