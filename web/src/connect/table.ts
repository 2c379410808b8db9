/** The table of a look around, read and written as the node does: one row a signal. */
import type { SignalKind } from "../api/types";

export const COLUMNS = [
  ...(["keep", "source", "type", "url", "device", "options", "machine", "machine_name", "pack"] as const),
  ...(["signal", "address", "kind", "unit", "role", "states", "confidence", "reason", "example", "place"] as const),
] as const;
type Column = (typeof COLUMNS)[number];
export type Row = Record<Exclude<Column, "keep" | "kind" | "confidence">, string> & {
  keep: boolean;
  kind: SignalKind;
  confidence: "known" | "likely" | "guess";
};
/** The id of a machine with its rows; two may come to have the same while they are edited. */
export interface Part {
  id: string;
  rows: Row[];
}

const YES = new Set(["yes", "y", "1", "true", "x", "是"]);
/** What a spreadsheet would take for a formula stands behind an apostrophe. */
const FORMULA = /^'*[=+\-@\t\r]/;
const MARK = "\ufeff";

/** The cells of CSV, with whichever of the three separators its first line holds most often. */
function cells(text: string): string[][] {
  const first = text.split("\n", 1)[0] ?? "";
  const count = (mark: string): number => first.split(mark).length;
  const separator = [",", ";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
  const lines: string[][] = [];
  let line: string[] = [];
  let rest = text;
  while (rest) {
    const quoted = /^"((?:[^"]|"")*)"?/.exec(rest);
    const end = quoted ? quoted[0].length : Math.min(...[separator, "\n"].map((mark) => (rest + mark).indexOf(mark)));
    const cell = quoted?.[1]?.replaceAll('""', '"') ?? rest.slice(0, end);
    rest = rest.slice(end).replace(/^\r(?=\n|$)/, "");
    line.push(quoted ? cell : cell.replace(/\r$/, ""));
    if (rest[0] !== separator) {
      lines.push(line);
      line = [];
    }
    rest = rest.slice(1);
  }
  return lines;
}

/** The machines of a table the node accepts. */
export function read(text: string): Part[] {
  const [head = [], ...lines] = cells(text.replace(MARK, ""));
  const names = head.map((name) => name.trim().toLowerCase());
  const parts = new Map<string, Row[]>();
  for (const line of lines.filter((some) => some.some((cell) => cell.trim()))) {
    const bare = (column: Column): string => {
      const cell = line[names.indexOf(column)] ?? "";
      return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell.trim();
    };
    const told = Object.fromEntries(COLUMNS.map((column) => [column, bare(column)])) as Record<Column, string>;
    const sure = told.confidence === "known" || told.confidence === "likely" ? told.confidence : "guess";
    const row: Row = { ...told, keep: YES.has(told.keep.toLowerCase()), kind: told.kind as SignalKind, confidence: sure };
    parts.set(row.machine, [...(parts.get(row.machine) ?? []), row]);
  }
  return [...parts].map(([id, rows]) => ({ id, rows }));
}

function written(cell: string): string {
  const guarded = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",;\t\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** The machines as CSV; what is not kept may be left out. */
export function write(parts: readonly Part[], all: boolean): string {
  const rows = parts.flatMap(({ id, rows: some }) => some.map((row) => ({ ...row, machine: id.trim() })));
  const lines = rows
    .filter(({ keep }) => all || keep)
    .map((row) => COLUMNS.map((column) => written(column === "keep" ? (row.keep ? "yes" : "no") : row[column].trim())).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\n");
}

/** The rows whose id is lacking, or that another kept row of the machine has. */
export function unclear(parts: readonly Part[]): Set<Row> {
  const rows = parts.flatMap(({ id, rows: some }) => some.filter(({ keep }) => keep).map((row) => [`${id.trim()} ${row.signal.trim()}`, row] as const));
  const count = new Map<string, number>();
  for (const [name] of rows) count.set(name, (count.get(name) ?? 0) + 1);
  return new Set(rows.filter(([name, row]) => !row.signal.trim() || (count.get(name) ?? 0) > 1).map(([, row]) => row));
}
