/** The texts of the import of a file. A key one language lacks does not compile. */
import en from "@texts/en/file_page.json";
import { app } from "../app.svelte";
import { Texts, type Fields } from "../texts/catalogue";

type FileKey = keyof typeof en;
const texts = new Texts<FileKey>(en, () => import("@texts/zh/file_page.json"));
await texts.bring(app.language);

/** The sentence of `key` in the reader's language. */
export const f = (key: FileKey, fields?: Fields): string => texts.say(app.language, key, fields);
