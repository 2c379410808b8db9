import { describe, expect, test } from "vitest";
import { covered, gaps } from "../src/connect/hour";

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
