import { describe, expect, test } from "vitest";
import { band, namedDays, steps, ticksOf, topOf } from "../src/hub/shocks/curve";

const sources = import.meta.glob<string>("../src/hub/shocks/*.{ts,svelte}", { query: "?raw", import: "default", eager: true });
const texts = import.meta.glob<Record<string, string>>("../../src/lineside/texts/en/shocks_page.json", { import: "default", eager: true });

const days = [
  { low: 0.1, high: 0.2 },
  { low: 0, high: 0.2 },
];

describe("the curve of a shock", () => {
  test("steps from day to day", () => {
    expect(steps(days, "low", 0.2)).toBe("M0 50H50V100H100");
    expect(steps(days, "high", 0.2)).toBe("M0 0H50V0H100");
  });

  test("has its band between both ends", () => {
    expect(band(days, 0.2)).toBe("M0 0H50V0H100V100H50V50H0Z");
    expect(band([], 0.2)).toBe("");
  });

  test.each([
    [0, 0.04],
    [0.04, 0.04],
    [0.041, 0.08],
    [0.3, 0.4],
    [0.95, 1],
    [1.6, 2],
  ])("up to %d has an axis that ends at %d", (high, top) => {
    expect(topOf([{ low: 0, high }])).toBeCloseTo(top);
    expect(ticksOf(topOf([{ low: 0, high }]))).toHaveLength(5);
  });

  test.each([0, 1, 2, 7, 10, 30, 180, 365])("of %d days names the first and the last, each once, and not too many", (count) => {
    const named = namedDays(count);
    expect(named).toEqual([...new Set(named)].sort((a, b) => a - b));
    expect(named[0]).toBe(count ? 1 : undefined);
    expect(named.at(-1)).toBe(count || undefined);
    expect(named.length).toBeLessThanOrEqual(8);
  });
});

describe("the texts of shocks", () => {
  const all = Object.values(sources).join("\n");
  test.each(Object.keys(Object.values(texts)[0] ?? {}))("%s is said somewhere", (key) => {
    const parts = key.split(".");
    const made = `${parts.slice(0, -1).join(".")}.\${`;
    expect(all.includes(`"${key}"`) || all.includes(made)).toBe(true);
  });
});
