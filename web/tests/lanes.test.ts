import { describe, expect, test } from "vitest";
import { carryOn, changes, NO_LANE, runs, shiftEdges, stretchAt, toMs, totals, toX, type Lane } from "../src/lanes/geometry";
import { pan, reveal, same, within, zoom } from "../src/lanes/view";

const lane: Lane = { t: [0, 100, 250, 400], s: [0, 4, 0] };
const view = { from: 0, to: 400 };

describe("places on the screen", () => {
  test("time and pixel are each other's inverse", () => {
    expect(toX(100, view, 800)).toBe(200);
    expect(toMs(200, view, 800)).toBe(100);
    expect(toX(-100, view, 800)).toBe(-200);
  });

  test("a stretch holds its beginning and not its end", () => {
    expect([-1, 0, 99, 100, 249, 250, 399, 400].map((ms) => stretchAt(lane, ms))).toEqual([-1, 0, 0, 1, 1, 2, 2, -1]);
    expect(stretchAt(NO_LANE, 0)).toBe(-1);
  });
});

describe("runs", () => {
  test("wide stretches keep their edges", () => {
    expect(runs(lane, view, 400)).toEqual([
      { x0: 0, x1: 100, state: 0 },
      { x0: 100, x1: 250, state: 4 },
      { x0: 250, x1: 400, state: 0 },
    ]);
  });

  test("only what lies in the view is painted", () => {
    expect(runs(lane, { from: 50, to: 150 }, 100)).toEqual([
      { x0: 0, x1: 50, state: 0 },
      { x0: 50, x1: 100, state: 4 },
    ]);
    expect(runs(lane, { from: 500, to: 600 }, 100)).toEqual([]);
    expect(runs(lane, { from: -200, to: -100 }, 100)).toEqual([]);
    expect(runs(NO_LANE, view, 100)).toEqual([]);
  });

  test("a lane that begins late or ends early leaves the rest unpainted", () => {
    expect(runs(lane, { from: -400, to: 800 }, 12)).toEqual([
      { x0: 4, x1: 5, state: 0 },
      { x0: 5, x1: 7, state: 4 },
      { x0: 7, x1: 8, state: 0 },
    ]);
  });

  test("the state with most of a shared pixel has it, the earlier one when they are even", () => {
    const dense: Lane = { t: [0, 6, 9, 10], s: [0, 1, 2] };
    expect(runs(dense, { from: 0, to: 10 }, 1)).toEqual([{ x0: 0, x1: 1, state: 0 }]);
    const divided: Lane = { t: [0, 4, 7, 10], s: [0, 1, 0] };
    expect(runs(divided, { from: 0, to: 10 }, 1)).toEqual([{ x0: 0, x1: 1, state: 0 }]);
  });

  test("many stretches cost no more runs than pixels, in order and without overlap", () => {
    const many = 100_000;
    const dense: Lane = {
      t: Array.from({ length: many + 1 }, (_, i) => i * 7),
      s: Array.from({ length: many }, (_, i) => (i * i) % 3),
    };
    const found = runs(dense, { from: 0, to: many * 7 }, 500);
    expect(found.length).toBeLessThanOrEqual(500);
    expect(found[0]?.x0).toBe(0);
    expect(found.at(-1)?.x1).toBe(500);
    for (let i = 1; i < found.length; i++) expect(found[i]?.x0).toBe(found[i - 1]?.x1);
  });
});

test("shifts that follow each other share an edge, and it is marked once", () => {
  const shift = (start_ms: number, end_ms: number) => ({ name: "", production_day: "", breaks: [], start_ms, end_ms });
  expect(shiftEdges([shift(0, 100), shift(100, 200), shift(200, 300)], { from: 50, to: 300 }, 500)).toEqual([100, 200]);
  expect(shiftEdges([], view, 500)).toEqual([]);
  const night = { ...shift(0, 100), production_day: "2026-11-24" };
  const early = { ...shift(100, 200), production_day: "2026-11-24" };
  const next = { ...shift(200, 400), production_day: "2026-11-25" };
  const edges = (width: number) => shiftEdges([night, early, next], { from: -100, to: 500 }, width);
  expect([edges(600), edges(30), edges(10)]).toEqual([[0, 100, 200, 400], [0, 200, 400], []]);
});

describe("totals", () => {
  test("seconds of each state inside the window", () => {
    const seconds = totals({ t: [0, 10_000, 30_000, 60_000], s: [0, 4, 0] }, { from: 5000, to: 40_000 });
    expect(Object.fromEntries(seconds)).toEqual({ 0: 15, 4: 20 });
    expect(totals(NO_LANE, view).size).toBe(0);
  });
});

test("changes of state are counted inside the window only", () => {
  expect(changes(lane, view)).toBe(2);
  expect(changes(lane, { from: 100, to: 300 })).toBe(1);
  expect(changes(lane, { from: 120, to: 240 })).toBe(0);
  expect(changes(NO_LANE, view)).toBe(0);
});

describe("carrying a lane on", () => {
  test("the same state lasts until now", () => {
    expect(carryOn(lane, { state: 0, since: 250 }, 500)).toEqual({ t: [0, 100, 250, 500], s: [0, 4, 0] });
    expect(carryOn(lane, undefined, 500).t.at(-1)).toBe(500);
    expect(carryOn(lane, null, 500).t.at(-1)).toBe(500);
  });

  test("a new state begins when the node says, also inside the answer", () => {
    expect(carryOn(lane, { state: 1, since: 450 }, 500)).toEqual({ t: [0, 100, 250, 450, 500], s: [0, 4, 0, 1] });
    expect(carryOn(lane, { state: 1, since: 300 }, 500)).toEqual({ t: [0, 100, 250, 300, 500], s: [0, 4, 0, 1] });
  });

  test("nothing changes for a lane that is empty or already reaches now", () => {
    expect(carryOn(NO_LANE, { state: 1, since: 0 }, 500)).toBe(NO_LANE);
    expect(carryOn(lane, { state: 1, since: 300 }, 400)).toBe(lane);
  });

  test("times stay in order and one longer than the states, whatever the node says", () => {
    for (const since of [-50, 0, 100, 249, 250, 400, 499, 500, 900]) {
      const { t, s } = carryOn(lane, { state: 7, since }, 500);
      expect(t.length).toBe(s.length + 1);
      expect([...t].sort((a, b) => a - b)).toEqual(t);
    }
  });
});

describe("the view", () => {
  const day = { from: 0, to: 86_400_000 };

  test("is pushed back into its limits, whole when it is wider", () => {
    expect(within({ from: -10, to: 90 }, { from: 0, to: 1000 })).toEqual({ from: 0, to: 100 });
    expect(within({ from: 950, to: 1050 }, { from: 0, to: 1000 })).toEqual({ from: 900, to: 1000 });
    expect(within({ from: -500, to: 5000 }, { from: 0, to: 1000 })).toEqual({ from: 0, to: 1000 });
  });

  test("zooming keeps the moment under the pointer where it is", () => {
    const about = 21_600_000;
    const closer = zoom(day, 0.5, about, day);
    expect(toX(about, closer, 1)).toBeCloseTo(toX(about, day, 1));
    expect(closer.to - closer.from).toBe(43_200_000);
  });

  test("zooming ends at ten seconds and at the whole", () => {
    let near = day;
    for (let i = 0; i < 40; i++) near = zoom(near, 0.5, 1000, day);
    expect(near.to - near.from).toBe(10_000);
    expect(zoom(near, 1e9, 1000, day)).toEqual(day);
  });

  test("panning stops at the edge", () => {
    expect(pan({ from: 100, to: 200 }, 5000, { from: 0, to: 1000 })).toEqual({ from: 900, to: 1000 });
  });

  test("revealing moves as little as needed", () => {
    const here = { from: 400, to: 500 };
    const limits = { from: 0, to: 1000 };
    expect(reveal(here, 420, 480, limits)).toBe(here);
    expect(reveal(here, 350, 380, limits)).toEqual({ from: 340, to: 440 });
    expect(reveal(here, 520, 560, limits)).toEqual({ from: 470, to: 570 });
    expect(reveal(here, 600, 900, limits).from).toBe(590);
    expect(same(here, { ...here })).toBe(true);
  });
});
