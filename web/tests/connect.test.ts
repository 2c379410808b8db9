import { describe, expect, test } from "vitest";
import { covered, gaps } from "../src/connect/hour";
import { COLUMNS, read, unclear, write } from "../src/connect/table";

describe("the hour of a source", () => {
  test("what was heard leaves the gaps before, between and behind it", () => {
    const missing = gaps([[10_000, 20_000], [20_000, 30_000], [40_000, 50_000]], 0, 100_000, 30_000);

    expect(missing).toEqual([[0, 10_000], [30_000, 40_000], [50_000, 100_000]]);
    expect(covered(missing, 0, 100_000)).toBeCloseTo(0.3);
  });

  test("nothing heard is one gap", () => {
    expect(gaps([], 0, 60_000, 30_000)).toEqual([[0, 60_000]]);
    expect(covered([[0, 60_000]], 0, 60_000)).toBe(0);
  });

  test("a pause that its source may make is no gap", () => {
    expect(gaps([[-5000, 50_000]], 0, 60_000, 30_000)).toEqual([]);
    expect(gaps([[-5000, 50_000]], 0, 60_000, 5000)).toEqual([[50_000, 60_000]]);
  });
});

describe("the table of a look around", () => {
  const row = (fields: Record<string, string>): string => COLUMNS.map((column) => fields[column] ?? "").join(",");
  const table = (...rows: Record<string, string>[]): string => [COLUMNS.join(","), ...rows.map(row), ""].join("\n");

  test("comes back as it went, with separators, quotes, line ends and formulas", () => {
    const text = table(
      { keep: "yes", machine: "press", signal: "a", address: '"x;\n""y"",z"', kind: "state", confidence: "known", states: '"10:running=A|B; 40:stopped=C"' },
      { keep: "no", machine: "press", signal: "b", address: "'=1+1", kind: "measure", confidence: "guess", example: "'-3.5" },
      { keep: "yes", machine: "saw", signal: "b", address: "''=p", kind: "text", confidence: "likely" },
    );
    const parts = read(text);

    expect(parts.map(({ id, rows }) => [id, rows.length])).toEqual([["press", 2], ["saw", 1]]);
    expect(parts.flatMap(({ rows }) => rows.map(({ address }) => address))).toEqual(['x;\n"y",z', "=1+1", "'=p"]);
    expect(parts[0]?.rows[1]).toMatchObject({ keep: false, example: "-3.5", confidence: "guess" });
    expect(write(parts, true)).toBe(text);
    expect(read(write(parts, false)).map(({ rows }) => rows.length)).toEqual([1, 1]);
  });

  test.each([",", ";", "\t"])("is read as spreadsheets save it, parted by %j", (mark) => {
    const lines = [["Machine", "kind", "keep", "signal"], ["m", "state", "YES", "s"], ["", "", "", ""], ["m", "count", "", '"t"']];
    const parts = read("\ufeff" + lines.map((line) => line.join(mark)).join("\r\n"));

    expect(parts[0]?.rows.map(({ keep, signal, kind }) => [keep, signal, kind])).toEqual([[true, "s", "state"], [false, "t", "count"]]);
    expect(read(lines.map((line) => line.join(mark)).join("\r\n") + "\r\n")).toEqual(parts);
  });

  test("names a kept signal without a name of its own in its machine", () => {
    const same = { machine: "m", signal: "s", kind: "state" };
    const parts = read(table({ ...same, keep: "yes" }, { ...same, keep: "yes" }, { ...same, keep: "no" }, { ...same, machine: "n", keep: "yes" }));

    expect(unclear(parts)).toEqual(new Set(parts[0]?.rows.slice(0, 2)));
    for (const { rows } of parts) for (const one of rows) one.signal = " ";
    expect(unclear(parts).size).toBe(3);
  });
});
