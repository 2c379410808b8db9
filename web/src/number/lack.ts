/** What a number lacks, as people are told. */
import type { Lack, Row } from "../api/types";

/** Silences shorter than this are the beat of the line, not missing data. */
export const TOLD_S = 1;

export const worthTelling = ({ missing, planned_times_s }: Pick<Row, "missing" | "planned_times_s">): Lack[] =>
  missing.filter(({ code }) => code !== "no_data_part" || (planned_times_s.no_data ?? TOLD_S) >= TOLD_S);

/** As a sentence: its first letter is raised, but a name is left as people write it. */
export function sentence({ what }: Lack, name: string): string {
  return what.startsWith(name) ? what : what.charAt(0).toUpperCase() + what.slice(1);
}
