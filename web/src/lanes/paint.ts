/** Paints lanes on a canvas with the fills of the state vocabulary. */
import { STATES, type State } from "../api/types";
import { runs, type Lane } from "./geometry";
import type { Window } from "../api/client";

export type Palette = Record<Exclude<State, "no_data">, string | CanvasPattern> & { outline: string; gap: string };

type Draw = (context: CanvasRenderingContext2D, size: number) => void;

function pattern(size: number, ground: string, mark: string, draw: Draw): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const context = tile.getContext("2d");
  if (!context) return mark;
  context.fillStyle = ground;
  context.fillRect(0, 0, size, size);
  context.strokeStyle = context.fillStyle = mark;
  draw(context, size);
  return context.createPattern(tile, "repeat") ?? mark;
}

const hatch =
  (down: boolean): Draw =>
  (context, size) => {
    context.lineWidth = size * 0.36;
    for (const shift of [-size, 0, size]) {
      context.beginPath();
      context.moveTo(shift - 1, down ? -1 : size + 1);
      context.lineTo(shift + size + 1, down ? size + 1 : -1);
      context.stroke();
    }
  };

const dots: Draw = (context, size) => {
  context.beginPath();
  context.arc(size / 2, size / 2, size * 0.2, 0, 2 * Math.PI);
  context.fill();
};

/** The fills of the theme on screen, sharp at `ratio` device pixels a pixel. */
export function palette(element: Element, ratio: number): Palette {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const size = Math.max(4, Math.round(6 * ratio));
  const waiting = (down: boolean) => pattern(size, token("waiting-ground"), token("waiting"), hatch(down));
  return {
    running: token("running"),
    setup: token("setup"),
    starved: waiting(false),
    blocked: waiting(true),
    down: token("down"),
    stopped: token("stopped"),
    planned_stop: token("planned"),
    off: token("off"),
    unmapped: pattern(size, token("unknown-ground"), token("unknown"), dots),
    outline: token("line-strong"),
    gap: token("unknown"),
  };
}

/** Fits the canvas to its box; true device pixels keep edges sharp. */
export function fit(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): void {
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
}

export function paintLane(
  canvas: HTMLCanvasElement,
  lane: Lane,
  words: readonly State[],
  view: Window,
  fills: Palette,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  for (const { x0, x1, state } of runs(lane, view, width)) {
    const word = words[state] ?? STATES[9];
    if (word === "no_data") paintGap(context, x0, x1, height, fills.gap);
    else {
      context.fillStyle = fills[word];
      context.fillRect(x0, 0, x1 - x0, height);
      if (word === "off") {
        context.fillStyle = fills.outline;
        context.fillRect(x0, 0, x1 - x0, 1);
        context.fillRect(x0, height - 1, x1 - x0, 1);
      }
    }
  }
}

/** No data is an outlined gap, never a colour. */
function paintGap(context: CanvasRenderingContext2D, x0: number, x1: number, height: number, stroke: string): void {
  context.save();
  context.strokeStyle = stroke;
  context.setLineDash([4, 4]);
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(x0, 0.5);
  context.lineTo(x1, 0.5);
  context.moveTo(x0, height - 0.5);
  context.lineTo(x1, height - 0.5);
  if (x1 - x0 > 6) {
    context.moveTo(x0 + 0.5, 0);
    context.lineTo(x0 + 0.5, height);
    context.moveTo(x1 - 0.5, 0);
    context.lineTo(x1 - 0.5, height);
  }
  context.stroke();
  context.restore();
}
