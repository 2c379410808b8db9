/** Months and quarters in the reader's words. */
import { house } from "../house.svelte";

/** "2026-10" as a reader says it: "Oct 2026". */
export const monthWords = (month: string): string => house.formats.time(Date.parse(`${month}-15T12:00:00Z`), "month");
