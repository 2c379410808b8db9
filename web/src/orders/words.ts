/** The texts of the page Orders, which arrive with it and not before. A key one language lacks does not compile. */
import en from "@texts/en/orders_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";

export type OrdersKey = keyof typeof en;
const texts = new Texts<OrdersKey>(en, () => import("@texts/zh/orders_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const w = (key: OrdersKey, fields?: Fields): string => texts.say(app.language, key, fields);
