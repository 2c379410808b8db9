import { describe, expect, test, vi } from "vitest";
import { STATES } from "../src/api/types";
import { fit, paintLane, type Palette } from "../src/lanes/paint";

const fills = {
  ...Object.fromEntries(STATES.map((state) => [state, `fill of ${state}`])),
  outline: "outline",
  gap: "gap",
} as unknown as Palette;

/** A canvas that notes what is drawn on it. */
function board(width: number, height: number) {
  const rects: [fill: unknown, x: number, y: number, w: number, h: number][] = [];
  const strokes: { style: unknown; lines: number }[] = [];
  let lines = 0;
  const context = {
    fillStyle: "" as unknown,
    strokeStyle: "" as unknown,
    lineWidth: 1,
    clearRect: vi.fn(),
    fillRect: (x: number, y: number, w: number, h: number) => rects.push([context.fillStyle, x, y, w, h]),
    save: vi.fn(),
    restore: vi.fn(),
    setLineDash: vi.fn(),
    beginPath: () => (lines = 0),
    moveTo: vi.fn(),
    lineTo: () => lines++,
    stroke: () => strokes.push({ style: context.strokeStyle, lines }),
  };
  const canvas = { width, height, getContext: () => context } as unknown as HTMLCanvasElement;
  return { canvas, context, rects, strokes };
}

describe("painting a lane", () => {
  test("each state in its own fill over the whole height", () => {
    const { canvas, rects } = board(100, 20);
    paintLane(canvas, { t: [0, 40, 100], s: [0, 4] }, STATES, { from: 0, to: 100 }, fills);
    expect(rects).toEqual([
      ["fill of running", 0, 0, 40, 20],
      ["fill of down", 40, 0, 60, 20],
    ]);
  });

  test("no data is an outline, never a fill", () => {
    const { canvas, rects, strokes } = board(100, 20);
    paintLane(canvas, { t: [0, 100], s: [9] }, STATES, { from: 0, to: 100 }, fills);
    expect(rects).toEqual([]);
    expect(strokes).toEqual([{ style: "gap", lines: 4 }]);
  });

  test("a narrow gap has no ends, or it would look solid", () => {
    const { canvas, strokes } = board(100, 20);
    paintLane(canvas, { t: [0, 4], s: [9] }, STATES, { from: 0, to: 100 }, fills);
    expect(strokes).toEqual([{ style: "gap", lines: 2 }]);
  });

  test("a state this screen does not know is no data", () => {
    const { canvas, rects, strokes } = board(100, 20);
    paintLane(canvas, { t: [0, 100], s: [42] }, STATES, { from: 0, to: 100 }, fills);
    expect(rects).toEqual([]);
    expect(strokes).toHaveLength(1);
  });

  test("off is pale and has edges", () => {
    const { canvas, rects } = board(100, 20);
    paintLane(canvas, { t: [0, 100], s: [7] }, STATES, { from: 0, to: 100 }, fills);
    expect(rects.map(([fill]) => fill)).toEqual(["fill of off", "outline", "outline"]);
  });

  test("the words of the answer name the states, not this screen's order", () => {
    const { canvas, rects } = board(10, 10);
    paintLane(canvas, { t: [0, 10], s: [0] }, ["down"], { from: 0, to: 10 }, fills);
    expect(rects[0]?.[0]).toBe("fill of down");
  });
});

test("a canvas that fits is left alone, for setting its size wipes it", () => {
  const sets: string[] = [];
  const canvas = {
    get width() {
      return 200;
    },
    set width(_: number) {
      sets.push("width");
    },
    get height() {
      return 40;
    },
    set height(_: number) {
      sets.push("height");
    },
  } as HTMLCanvasElement;
  fit(canvas, 100, 20, 2);
  expect(sets).toEqual([]);
  fit(canvas, 100, 30, 2);
  expect(sets).toEqual(["height"]);
});
