/** The texts of the page Connect, which arrive with it and not before. A key one language lacks does not compile. */
import en from "@texts/en/connect_page.json";
import { app, t } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type ConnectKey = keyof typeof en;
const texts = new Texts<ConnectKey>(en, () => import("@texts/zh/connect_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: ConnectKey, fields?: Fields): string => texts.say(app.language, key, fields);

/** A rate, with digits only where it is slow. */
export const rate = (perSecond: number): string => app.formats.number(perSecond, perSecond > 0 && perSecond < 10 ? 1 : 0);

const EVEN_S = 0.05;

/** How a source's clock stands against the node's. */
export function skewed(seconds: number | null): string {
  if (seconds === null) return w("connect_page.skew.none");
  const size = Math.abs(seconds);
  if (size < EVEN_S) return w("connect_page.skew.even");
  const time = size < 60 ? `${app.formats.number(size, 1)} ${t("unit.s")}` : app.formats.duration(size);
  return w(seconds < 0 ? "connect_page.skew.ahead" : "connect_page.skew.behind", { time });
}

/** A value as it was told, with its unit. */
export function valued(value: number | string | null, unit = ""): string {
  if (value === null) return "–";
  return typeof value === "number" ? `${app.formats.measure(value)}${unit && ` ${unit}`}` : value;
}
