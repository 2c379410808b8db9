/** Paints a lane of words: neighbouring values differ in tone, and say themselves where there is room. */
import type { Window } from "../api/client";
import { runs } from "../lanes/geometry";
import { fit } from "../lanes/paint";
import type { Words } from "./signals";

const TONES = [0.13, 0.3, 0.2, 0.38] as const;
const PAD = 6;

export function paintWords(canvas: HTMLCanvasElement, lane: Words, view: Window, width: number, height: number): void {
  const ratio = window.devicePixelRatio || 1;
  fit(canvas, width, height, ratio);
  const context = canvas.getContext("2d");
  if (!context) return;
  const style = getComputedStyle(canvas);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const [mark, ink, gap] = [token("measure"), token("ink"), token("unknown")];
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.font = `${parseFloat(style.fontSize) * 0.8 * ratio}px ${style.fontFamily}`;
  context.textBaseline = "middle";
  for (const { x0, x1, state } of runs(lane, view, canvas.width)) {
    const word = lane.words[state] ?? null;
    if (word === null) {
      context.strokeStyle = gap;
      context.setLineDash([4, 4]);
      context.strokeRect(x0 + 0.5, 0.5, x1 - x0 - 1, canvas.height - 1);
      continue;
    }
    context.globalAlpha = TONES[state % TONES.length] ?? TONES[0];
    context.fillStyle = mark;
    context.fillRect(x0, 0, x1 - x0, canvas.height);
    context.globalAlpha = 1;
    if (context.measureText(word).width + 2 * PAD * ratio > x1 - x0) continue;
    context.fillStyle = ink;
    context.fillText(word, x0 + PAD * ratio, canvas.height / 2);
  }
}
