import { describe, expect, test } from "vitest";
import type { Loss } from "../src/api/types";
import { largestLoss, waterfall } from "../src/charts/waterfall";
import { isNumeric, wordsLane } from "../src/machine/signals";
import { uPlotColumns } from "../src/machine/plot";

const time = (id: string, seconds: number): Loss => ({ id, seconds, kind: "time" });
const speed = (seconds: number | null): Loss => ({ id: "speed", seconds, kind: "speed" });
const rejects = (seconds: number | null): Loss => ({ id: "rejects", seconds, kind: "quality" });

describe("the waterfall", () => {
  test("steps down from planned busy time to what was fully productive", () => {
    const fall = waterfall({ planned_busy_s: 100, losses: [time("down", 20), time("setup", 10), speed(15), rejects(5)] });
    expect(fall?.steps.map(({ id, from, to }) => [id, from, to])).toEqual([
      ["planned", 0, 100],
      ["down", 80, 100],
      ["setup", 70, 80],
      ["production", 0, 70],
      ["speed", 55, 70],
      ["net", 0, 55],
      ["rejects", 50, 55],
      ["productive", 0, 50],
    ]);
    expect(fall?.full).toBe(100);
    expect(fall && largestLoss(fall)?.id).toBe("down");
  });

  test("losses of nothing are left out", () => {
    const fall = waterfall({ planned_busy_s: 100, losses: [time("down", 0), speed(0), rejects(0)] });
    expect(fall?.steps.map(({ id }) => id)).toEqual(["planned", "production", "net", "productive"]);
    expect(fall && largestLoss(fall)).toBeUndefined();
  });

  test("after an unknown loss nothing further is claimed", () => {
    const fall = waterfall({ planned_busy_s: 100, losses: [time("down", 20), speed(null), rejects(5)] });
    expect(fall?.steps.slice(3).map(({ id, from, seconds }) => [id, from, seconds])).toEqual([
      ["speed", null, null],
      ["net", null, null],
      ["rejects", null, 5],
      ["productive", null, null],
    ]);
  });

  test("time gained is drawn beyond what was there, and is no loss", () => {
    const fall = waterfall({ planned_busy_s: 100, losses: [speed(-30), rejects(0)] });
    expect(fall?.steps.find(({ id }) => id === "speed")).toMatchObject({ from: 100, to: 130, seconds: -30 });
    expect(fall?.full).toBe(130);
    expect(fall && largestLoss(fall)).toBeUndefined();
  });

  test("without planned busy time there is none; with none planned there is an empty one", () => {
    expect(waterfall({ planned_busy_s: null, losses: [] })).toBeUndefined();
    expect(waterfall({ planned_busy_s: 0, losses: [] })?.full).toBe(0);
  });
});

describe("a signal", () => {
  const signal = (kind: Parameters<typeof isNumeric>[0]["kind"]) => ({ id: "x", kind, unit: null, description: null });

  test("is drawn as its kind says", () => {
    expect((["state", "measure", "counter", "count", "text", "condition"] as const).map(signal).map(isNumeric)).toEqual([
      false, true, true, true, false, false,
    ]);
  });

  test("columns for the plot are seconds, and a gap is null", () => {
    const [seconds, values] = uPlotColumns({ time: Float64Array.of(1500, 2500), value: Float64Array.of(7, NaN) });
    expect([...(seconds ?? [])]).toEqual([1.5, 2.5]);
    expect(values).toEqual([7, null]);
  });
});

describe("words as a lane", () => {
  const window = { from: 100, to: 200 };

  test("each holds until the next, the last until the end", () => {
    const lane = wordsLane({ t: [120, 150], v: ["a", "b"], total: 2 }, window);
    expect([lane.t, lane.s, lane.words]).toEqual([[120, 150, 200], [0, 1], ["a", "b"]]);
  });

  test("the one that held before begins with the window; what follows at once replaces it", () => {
    expect(wordsLane({ t: [5, 150], v: ["a", "b"], total: 2 }, window).t).toEqual([100, 150, 200]);
    const replaced = wordsLane({ t: [5, 100], v: ["a", "b"], total: 2 }, window);
    expect(replaced.s.map((code) => replaced.words[code])).toEqual(["b"]);
  });

  test("a word said again is no change; a gap is one of its own", () => {
    const lane = wordsLane({ t: [110, 120, 130, 140], v: ["a", "a", null, "a"], total: 4 }, window);
    expect(lane.t).toEqual([110, 130, 140, 200]);
    expect(lane.s.map((code) => lane.words[code])).toEqual(["a", null, "a"]);
  });

  test("nothing said is an empty lane, and what lies after the window is not drawn", () => {
    expect(wordsLane({ t: [], v: [], total: 0 }, window)).toEqual({ t: [], s: [], words: [] });
    expect(wordsLane({ t: [200, 300], v: ["a", "b"], total: 2 }, window).t).toEqual([]);
  });
});
