import { describe as group, expect, test } from "vitest";
import { parse, write } from "../src/hub/pilots/numbers";
import { across, axisOf, bars, dots, named, spanOf, starts, stretch, timeline } from "../src/hub/pilots/picture";
import type { Point } from "../src/hub/pilots/types";

const sources = import.meta.glob<string>("../src/hub/pilots/*.{ts,svelte}", { query: "?raw", import: "default", eager: true });
const texts = import.meta.glob<Record<string, string>>("../../src/lineside/texts/en/pilots_page.json", { import: "default", eager: true });

group("numbers of members", () => {
  test.each([
    ["1, 2, 5-9", [1, 2, 5, 6, 7, 8, 9], []],
    ["9 3；3、4", [3, 4, 9], []],
    ["", [], []],
    ["7–8", [7, 8], []],
    ["0, x, 9-3, 1-900000, 2", [2], ["0", "x", "9-3", "1-900000"]],
  ])("of %j are read", (text, numbers, wrong) => {
    expect(parse(text)).toEqual({ numbers, wrong });
  });

  test.each([
    [[9, 1, 2, 5, 6, 7], "1, 2, 5-7, 9"],
    [[], ""],
    [[4], "4"],
  ])("of %j are written, and read back", (numbers, text) => {
    expect(write(numbers)).toBe(text);
    expect(parse(text).numbers).toEqual([...numbers].sort((a, b) => a - b));
  });
});

group("the picture", () => {
  const point = (month: number, mean: number, low: number | null, high: number | null): Point => ({ month, effect: null, together: { mean, low, high }, treated: null, comparison: null });
  const points = [point(-2, 0, -0.1, 0.1), point(1, -0.2, -0.3, -0.1)];

  test("has half a month of room on each side, and the start between -1 and 0", () => {
    expect(spanOf(points)).toEqual({ from: -2.5, to: 1.5 });
    expect(across(spanOf(points), -0.5)).toBe(50);
    expect(spanOf([])).toEqual({ from: -0.5, to: 0.5 });
  });

  test("has an axis that holds every end, what is expected, and nothing", () => {
    const scale = axisOf([points[1]?.together ?? { mean: 0, low: 0, high: 0 }], [-0.25], 100);
    expect(scale.low).toBeLessThanOrEqual(-30);
    expect(scale.high).toBe(0);
    expect(scale.ticks).toContain(0);
  });

  test("draws an end without bound to the end of the axis", () => {
    const scale = axisOf([{ mean: 0, low: -1, high: 1 }], [], 1);
    expect(stretch({ mean: 0, low: null, high: 0 }, scale, 1)).toEqual({ from: 0, to: 50 });
    expect(stretch({ mean: 0, low: 0, high: null }, scale, 1)).toEqual({ from: 50, to: 100 });
  });

  test("draws a bar and a dot a month, and none for what is not told", () => {
    const scale = axisOf([{ mean: 0, low: -1, high: 1 }], [], 1);
    const span = { from: 0, to: 10 };
    expect(bars([{ month: 5, interval: { mean: 0, low: -1, high: 1 } }, { month: 6, interval: null }], span, scale, 1)).toBe("M50 100V0");
    expect(dots([point(5, 0, -1, 1)], span, scale, 1)).toBe("M50 50h0");
  });
});

group("the time of a pilot", () => {
  test.each([
    ["2026-01", { before: 50, now: 0 }],
    ["2026-07", { before: 50, now: 50 }],
    ["2026-10", { before: 50, now: 75 }],
    ["2028-01", { before: 50, now: 100 }],
  ])("in %s", (month, told) => {
    expect(timeline({ first: "2026-01", start: "2026-07", last: "2026-12", month })).toEqual(told);
  });

  test("counts months across years", () => {
    expect(starts("2026-11", 3)).toEqual(["2026-12", "2027-01", "2027-02"]);
    expect(named("2027-01", -2)).toBe("2026-11");
  });
});

test("every text of the page is used, and every one that is used is there", () => {
  const code = Object.values(sources).join("\n");
  const known = Object.keys(Object.values(texts)[0] ?? {});
  const said = [...code.matchAll(/["'`](pilots_page\.[a-z_.]+)["'`]/g)].map(([, key]) => key ?? "");
  const begun = [...code.matchAll(/`(pilots_page\.[a-z_.]+\.)\$\{/g)].map(([, key]) => key ?? "");
  expect(said.filter((key) => !known.includes(key))).toEqual([]);
  expect(known.filter((key) => !said.includes(key) && !begun.some((start) => key.startsWith(start)))).toEqual([]);
});
