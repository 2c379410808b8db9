import { describe, expect, test } from "vitest";
import { byMedian, type BandEntry } from "../src/bands/rows";
import { at, pieces, scaleOf, told } from "../src/bands/scale";
import { placed, SHADES, shadeOf, shadesOf } from "../src/bands/shade";
import { across, area, dots, line, monthName, monthNumber, monthsOf, namedMonths } from "../src/bands/trend";
import type { Bands, TrendPoint } from "../src/bands/types";
import { partsOf } from "../src/line/movement";
import { rowsOf } from "../src/members/figures";
import { found, stateOf, type Member } from "../src/members/register";

const bands = (p10: number | null, p25: number | null, p50: number | null, p75: number | null, p90: number | null): Bands => ({
  n: 40,
  generated: 0,
  entered: 0,
  words: "",
  ...{ p10, p25, p50, p75, p90 },
});
const ALL = bands(0.4, 0.5, 0.6, 0.7, 0.8);

describe("an axis", () => {
  test("goes from one round mark to another, and holds every value", () => {
    expect(scaleOf([0.38, 0.82], { step: 0.02 })).toEqual({ low: 0.3, high: 0.9, ticks: [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] });
    expect(scaleOf([38, 161], { step: 2 }, 3)).toEqual({ low: 0, high: 200, ticks: [0, 50, 100, 150, 200] });
  });

  test.each([[[0.6], 0.02], [[0.6, 0.62], 0.02], [[0], 1], [[3], 1], [[0.985, 0.99], 0.005]])(
    "does not make a gulf of one step of the grid: %j by %f",
    (values, grid) => {
      const scale = scaleOf(values, { step: grid });
      expect((scale?.high ?? 0) - (scale?.low ?? 0)).toBeGreaterThanOrEqual(5 * grid - 1e-9);
      expect(scale?.low).toBeGreaterThanOrEqual(0);
      for (const value of values) {
        expect(value).toBeGreaterThanOrEqual(scale?.low ?? 1);
        expect(value).toBeLessThanOrEqual(scale?.high ?? 0);
      }
    },
  );

  test("has the grid of its largest value where the grid is a part of it", () => {
    expect(scaleOf([40, 900], { step: 0.1, ratio: true })).toEqual({ low: 0, high: 1000, ticks: [0, 200, 400, 600, 800, 1000] });
    expect(scaleOf([0], { step: 0.1, ratio: true })?.ticks.length).toBeGreaterThan(1);
  });

  test("of a share ends at the whole, as long as no value lies beyond", () => {
    expect(scaleOf([0.95], { step: 0.05, unit: "share" })).toMatchObject({ low: 0.75, high: 1 });
    expect(scaleOf([0.95, 1.05], { step: 0.05, unit: "share" })?.high).toBeGreaterThan(1);
    expect(scaleOf([0.95], { step: 0.05, unit: "h" })?.high).toBeGreaterThan(1);
  });

  test("there is none of nothing", () => expect(scaleOf([], { step: 1 })).toBeUndefined());

  test("keeps what lies beyond it at its end", () => {
    const scale = { low: 10, high: 20, ticks: [10, 20] };
    expect([5, 10, 15, 20, 40].map((value) => at(scale, value))).toEqual([0, 0, 50, 100, 100]);
  });
});

describe("a distribution", () => {
  const scale = { low: 0.3, high: 0.9, ticks: [] };

  test("is drawn from p10 to p90 with its middle half", () => {
    const { outer, inner, median, partial } = pieces(ALL, scale);
    expect(outer?.from).toBeCloseTo(100 / 6);
    expect(outer?.width).toBeCloseTo(400 / 6);
    expect(inner?.from).toBeCloseTo(200 / 6);
    expect(inner?.width).toBeCloseTo(200 / 6);
    expect(median).toBeCloseTo(50);
    expect(partial).toBe(false);
  });

  test("draws nothing in the place of a quantile that is not told", () => {
    const some = pieces(bands(null, 0.5, 0.6, 0.7, null), scale);
    expect(some.outer).toEqual(some.inner);
    expect(some.partial).toBe(true);
    expect(pieces(bands(null, null, 0.6, null, null), scale)).toMatchObject({ outer: undefined, inner: undefined });
    expect(pieces(bands(0.4, null, null, null, 0.8), scale)).toMatchObject({ inner: undefined, median: undefined });
  });

  test("gives an axis only what is told", () => {
    expect(told([null, bands(null, null, 0.6, 0.7, null), undefined])).toEqual([0.6, 0.7]);
  });

  test("stands in a list by its median, the best first, and after all others where it is not told", () => {
    const entry = (id: string, p50: number | null, there = true): BandEntry => ({ id, name: id, bands: there ? { ...ALL, p50 } : null });
    const rows = [entry("withheld", null, false), entry("no median", null), entry("c", 0.5), entry("a", 0.7), entry("b", 0.5)];
    expect(byMedian(rows, "higher").map(({ id }) => id)).toEqual(["a", "b", "c", "no median", "withheld"]);
    expect(byMedian(rows, "lower").map(({ id }) => id)).toEqual(["b", "c", "a", "no median", "withheld"]);
  });
});

describe("months", () => {
  const point = (month: string, p50: number | null): TrendPoint => ({ month, p25: p50 === null ? null : p50 - 1, p50, p75: p50 === null ? null : p50 + 1 });
  const scale = { low: 0, high: 10, ticks: [] };
  const points = [point("2025-11", 2), point("2025-12", 4), point("2026-01", null), point("2026-03", 6), point("2026-05", 8), point("2026-06", 8)];
  const months = { first: monthNumber("2025-11"), last: monthNumber("2026-06") };

  test("are counted over the turn of a year, there and back", () => {
    expect(monthNumber("2026-01") - monthNumber("2025-12")).toBe(1);
    for (const month of ["1999-12", "2000-01", "2026-10"]) expect(monthName(monthNumber(month))).toBe(month);
    expect(monthsOf(points)).toEqual(months);
    expect(monthsOf([])).toBeUndefined();
  });

  test("that are not told, or left out, leave a gap; one alone is a dot", () => {
    expect(line(points, "p50", months, scale)).toBe("M0 80L14.29 60M85.71 20L100 20");
    expect(dots(points, "p50", months, scale)).toBe("M57.14 40h0");
    expect(area(points, "p25", "p75", months, scale)).toBe("M0 70L14.29 50L14.29 70L0 90ZM85.71 10L100 10L100 30L85.71 30Z");
  });

  test("are in order whatever order they come in", () => {
    expect(line([...points].reverse(), "p50", months, scale)).toBe(line(points, "p50", months, scale));
  });

  test("are named at the ends and where years begin, as far as there is room", () => {
    expect(namedMonths({ first: monthNumber("2024-11"), last: monthNumber("2026-10") }).map(monthName)).toEqual(["2024-11", "2026-01", "2026-10"]);
    expect(namedMonths({ first: 5, last: 5 })).toEqual([5]);
  });

  test("one alone stands in the middle", () => expect(across({ first: 3, last: 3 }, 3)).toBe(50));
});

describe("shades", () => {
  test("are of equal width on the grid, and the strongest is the best", () => {
    const shades = shadesOf([0.54, 0.58, 0.68], { step: 0.02 });
    expect(shades?.edges).toHaveLength(SHADES + 1);
    expect([0.54, 0.58, 0.68].map((value) => shades && shadeOf(shades, value, "higher"))).toEqual([1, 2, 5]);
    expect([0.54, 0.58, 0.68].map((value) => shades && shadeOf(shades, value, "lower"))).toEqual([5, 4, 1]);
  });

  test("hold every value between their ends", () => {
    for (const [values, step] of [[[0, 0.02], 0.02], [[5], 1], [[0.1, 0.99], 0.005], [[12, 118, 40], 2]] as const) {
      const edges = shadesOf(values, { step })?.edges ?? [];
      expect(Math.min(...values)).toBeGreaterThanOrEqual((edges[0] ?? 1) - 1e-9);
      expect(Math.max(...values)).toBeLessThanOrEqual((edges.at(-1) ?? 0) + 1e-9);
    }
  });

  test("tiles begin at the first column and row, wherever the settings begin", () => {
    const regions = [{ code: "b", name: "B", tile: [4, 3] as const }, { code: "a", name: "A", tile: [3, 3] as const }, { code: "c", name: "C", tile: [5, 2] as const }];
    expect(placed(regions).map(({ code, column, row }) => [code, column, row])).toEqual([["c", 3, 1], ["a", 1, 2], ["b", 2, 2]]);
  });
});

describe("movement", () => {
  test("is of parts that make the whole", () => {
    const { parts, rest } = partsOf({ up: 18, same: 14, down: 9, n: 41, generated: 0, from: "2025-10", to: "2026-10" });
    expect(parts.map(({ way, count }) => [way, count])).toEqual([["up", 18], ["same", 14], ["down", 9]]);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(rest).toBe(0);
  });

  test("leaves as a rest what may not be told apart", () => {
    const { parts, rest } = partsOf({ up: 30, same: null, down: null, n: 41, generated: 0, from: "2025-10", to: "2026-10" });
    expect(parts).toEqual([{ way: "up", count: 30, share: 30 / 41 }]);
    expect(rest).toBe(11);
  });
});

describe("what a member released", () => {
  test("is a row a value or reason, the newest month first, with what was odd in it", () => {
    const released = {
      months: ["2026-09", "2026-10"],
      indicators: {
        oee: { value: [0.5, 0.6], coverage: [0.9, null], origin: ["measured" as const, "entered" as const], absent: [null, null] },
        lead_time: { value: [null, null], coverage: [null, null], origin: [null, null], absent: ["no_orders", null] },
      },
      statements: [{ number: 3, say: "submission", month: "2026-10", sha256: "", received_ms: 0, remarks: [{ indicator: "oee", sentence: "odd" }] }],
    };
    expect(rowsOf(released).map(({ month, indicator, value, absent, remarks }) => [month, indicator, value, absent, remarks])).toEqual([
      ["2026-10", "oee", 0.6, null, ["odd"]],
      ["2026-09", "oee", 0.5, null, []],
      ["2026-09", "lead_time", null, "no_orders", []],
    ]);
  });
});

describe("the register", () => {
  const one = (number: number, state: Member["state"], name = `Works ${number}`): Member => ({
    ...{ number, state, label: "as we call it", profile: { name, industry: "34", region: "a" }, generated: false, size: "small" },
    ...{ fingerprint: "AB:CD", last: 0, enrolled_ms: 0, admitted_ms: null, ended_ms: null, into: null },
  });

  test("begins with who waits", () => {
    expect(found([one(1, "left"), one(2, "member"), one(3, "pending"), one(4, "closed")], "").map(({ number }) => number)).toEqual([3, 2, 1, 4]);
  });

  test("finds who has every word, whatever its case", () => {
    const members = [one(1, "member", "North Press"), one(2, "member", "South Press")];
    expect(found(members, "press NORTH").map(({ number }) => number)).toEqual([1]);
    expect(found(members, " ").map(({ number }) => number)).toEqual([1, 2]);
    expect(found(members, "2").map(({ number }) => number)).toEqual([2]);
    expect(found(members, "ab-cd")).toHaveLength(2);
    expect(found(members, "cd")).toEqual([]);
    expect(found(members, "ab:cd", "waiting")).toEqual([]);
  });

  test("knows no state that is not on the path", () => {
    expect((["pending", "member", "left", "closed"] as const).map((state) => stateOf({ state }))).toEqual(["waiting", "member", "left", "left"]);
  });
});
