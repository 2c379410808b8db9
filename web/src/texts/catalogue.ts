/** The texts of the screens. A key one language lacks does not compile. */
import enCommon from "@texts/en/common.json";
import enWeb from "@texts/en/web.json";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

const en = { ...enCommon, ...enWeb };

export type Key = keyof typeof en;

export type Fields = Record<string, string | number>;

export const isLanguage = (text: string | null | undefined): text is Language =>
  LANGUAGES.includes(text as Language);

export const isKey = (key: string): key is Key => Object.hasOwn(en, key);

/** A text with its {named} fields filled in. */
export const fill = (text: string, fields: Fields = {}): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fields[name] ?? whole));

/** Texts of which English is always there, and Chinese for those alone who read it. */
export class Texts<K extends string> {
  private zh?: Record<K, string>;

  constructor(
    private readonly en: Record<K, string>,
    private readonly chinese: () => Promise<{ default: Record<K, string> }>,
  ) {
    ALL.push(this);
  }

  async bring(language: Language): Promise<void> {
    if (language === "zh") this.zh ??= (await this.chinese()).default;
  }

  /** The sentence of `key` with its {named} fields filled in. */
  say(language: Language, key: K, fields?: Fields): string {
    return fill(((language === "zh" && this.zh) || this.en)[key], fields);
  }
}

const ALL: { bring(language: Language): Promise<void> }[] = [];
const screens = new Texts<Key>(en, async () => {
  const [common, web] = await Promise.all([import("@texts/zh/common.json"), import("@texts/zh/web.json")]);
  return { default: { ...common.default, ...web.default } };
});

/** Brings the texts of a language; nothing is said in it before. */
export async function bring(language: Language): Promise<void> {
  await Promise.all(ALL.map((texts) => texts.bring(language)));
}

/** The sentence of `key` with its {named} fields filled in. */
export const say = (language: Language, key: Key, fields?: Fields): string => screens.say(language, key, fields);

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
