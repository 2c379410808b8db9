import { describe, expect, test } from "vitest";
import type { Loss } from "../src/api/types";
import { largestLoss, waterfall } from "../src/charts/waterfall";
import { extremes, silenced, type Samples } from "../src/api/samples";
import { stretches } from "../src/lanes/geometry";
import { isNumeric, overlapping, wordsLane } from "../src/machine/signals";
import { uPlotColumns, valueLabels } from "../src/machine/plot";
import { Formats } from "../src/texts/format";

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

describe("a signal in a silence", () => {
  const told = (...pairs: [number, number][]) => ({
    time: Float64Array.from(pairs, ([ms]) => ms),
    value: Float64Array.from(pairs, ([, v]) => v),
  });
  const pairs = ({ time, value }: Samples) => Array.from(time, (ms, i) => [ms, value[i]]);

  test("holds until it and again after it, with a gap between", () => {
    const drawn = silenced(told([0, 7], [50_000, 8]), [{ from: 1000, to: 3000 }], 90_000);
    expect(pairs(drawn)).toEqual([[0, 7], [1000, 7], [1000.1, NaN], [3000, 7], [50_000, 8], [90_000, 8]]);
    expect(extremes(drawn)?.gaps).toBe(1);
  });

  test("a machine that greets with its values goes on with those", () => {
    expect(pairs(silenced(told([0, 7], [3500, 8]), [{ from: 1000, to: 3000 }], 9000)).slice(2)).toEqual([
      [1000.1, NaN], [3500, 8], [9000, 8],
    ]);
  });

  test("does not go on where it is not heard again", () => {
    expect(pairs(silenced(told([0, 7]), [{ from: 1000, to: 9000 }], 9000))).toEqual([[0, 7], [1000, 7], [1000.1, NaN]]);
    expect(extremes(silenced(told([1000, 7]), [{ from: 1000, to: 9000 }], 9000))?.gaps).toBe(1);
  });

  test("what was told during it stands; what was told to be missing stays missing", () => {
    expect(pairs(silenced(told([0, 7], [2000, 9]), [{ from: 1000, to: 3000 }], 4000)).slice(2)).toEqual([
      [1000.1, NaN], [2000, 9], [4000, 9],
    ]);
    expect(pairs(silenced(told([0, 7], [1000, NaN]), [], 4000))).toEqual([[0, 7], [1000, 7], [1000.1, NaN]]);
    expect(extremes(silenced(told([0, NaN]), [{ from: 1000, to: 3000 }], 4000))).toBeUndefined();
  });

  test("words have the same gap", () => {
    const lane = wordsLane({ t: [0, 500], v: ["a", "b"], total: 2 }, { from: 100, to: 900 }, [{ from: 200, to: 400 }]);
    expect(lane.t).toEqual([100, 200, 400, 500, 900]);
    expect(lane.s.map((code) => lane.words[code])).toEqual(["a", null, "a", "b"]);
  });

  test("silences are the stretches without data, cut to what is looked at", () => {
    const lane = { t: [0, 5000, 5500, 9000, 20_000], s: [0, 9, 0, 9] };
    expect(stretches(lane, 9)).toEqual([{ from: 9000, to: 20_000 }]);
    expect(overlapping(stretches(lane, 9), { from: 0, to: 10_000 })).toEqual([{ from: 9000, to: 10_000 }]);
    expect(overlapping(stretches(lane, 9), { from: 0, to: 9000 })).toEqual([]);
  });
});

describe("the marks of a value axis", () => {
  const en = new Formats("en", "UTC", 2026);

  test("are whole numbers, shortened only as long as neighbours stay apart", () => {
    expect(valueLabels([0, 20e6, 40e6], en)).toEqual(["0", "20M", "40M"]);
    expect(valueLabels([52_200_000, 52_200_500], en)).toEqual(["52,200,000", "52,200,500"]);
    expect(valueLabels([46, 46.1], en)).toEqual(["46.0", "46.1"]);
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
