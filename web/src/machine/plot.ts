/** Draws a signal with uPlot, which is loaded when the first signal is looked at. */
import type uPlot from "uplot";
import type { Window } from "../api/client";
import type { Samples } from "../api/samples";
import type { Formats } from "../texts/format";
import { ticks, type Tick } from "../time/ticks";

export interface PlotOptions {
  element: HTMLElement;
  formats: Formats;
  zoomTo: (from: number, to: number) => void;
  pointAt: (ms: number | undefined) => void;
}

const HEIGHT_REM = 9.5;
const TICK_REM = 6;

/** uPlot's columns: seconds, and null where there is a gap. */
export function uPlotColumns({ time, value }: Samples): uPlot.AlignedData {
  return [Float64Array.from(time, (ms) => ms / 1000), Array.from(value, (v) => (Number.isNaN(v) ? null : v))];
}

export async function drawSignal(options: PlotOptions, data: uPlot.AlignedData, view: Window): Promise<uPlot> {
  const [{ default: Plot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
  const { element, formats, zoomTo, pointAt } = options;
  const style = getComputedStyle(element);
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const font = `${0.75 * rem}px ${style.fontFamily}`;
  const shared: uPlot.Axis = {
    stroke: token("ink-3"),
    font,
    grid: { stroke: token("line"), width: 1 },
    ticks: { stroke: token("line"), width: 1, size: 4 },
  };
  let marks: Tick[] = [];
  const stepper = Plot.paths.stepped?.({ align: 1 });
  return new Plot(
    {
      width: element.clientWidth,
      height: HEIGHT_REM * rem,
      padding: [rem * 0.5, rem * 1.25, 0, 0],
      legend: { show: false },
      scales: { x: { time: false, min: view.from / 1000, max: view.to / 1000 }, y: { range: (_plot, min, max) => roomy(Plot.rangeNum(min, max, 0.1, true)) } },
      cursor: {
        drag: { x: true, y: false, setScale: false },
        points: { size: rem * 0.5 },
        y: false,
      },
      axes: [
        {
          ...shared,
          size: rem * 1.75,
          splits: (plot, _axis, min, max) => {
            marks = ticks(min * 1000, max * 1000, Math.max(2, Math.floor(plot.width / (TICK_REM * rem))), formats.zone);
            return marks.map(({ ms }) => ms / 1000);
          },
          values: () => marks.map(({ ms, grain }) => formats.time(ms, grain)),
        },
        {
          ...shared,
          size: (plot, labels) => labelWidth(plot, labels, font, 4 * rem),
          values: (_plot, splits) => valueLabels(splits, formats),
        },
      ],
      series: [
        {},
        {
          stroke: token("measure"),
          width: 1.5,
          points: { show: false },
          // a value holds until the next one is told: nobody saw what lies between
          ...(stepper ? { paths: stepper } : {}),
        },
      ],
      hooks: {
        setSelect: [
          (plot) => {
            const { left, width } = plot.select;
            if (width < 4) return;
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            zoomTo(plot.posToVal(left, "x") * 1000, plot.posToVal(left + width, "x") * 1000);
          },
        ],
        setCursor: [
          (plot) => {
            if (!plot.cursor.event) return;
            const { left = -1 } = plot.cursor;
            pointAt(left < 0 ? undefined : plot.posToVal(left, "x") * 1000);
          },
        ],
      },
    },
    data,
    element,
  );
}

/** A little room below: beside gaps uPlot cuts at the edge, and a line of zeros would lie on it. */
const roomy = ([low, high]: uPlot.Range.MinMax): uPlot.Range.MinMax =>
  low === null || high === null ? [low, high] : [low - 0.04 * (high - low), high];

const AXIS_PAD = 16;

/** Room for the widest label: a number that is cut reads as another. */
function labelWidth(plot: uPlot, labels: readonly string[] | null, font: string, least: number): number {
  plot.ctx.save();
  plot.ctx.font = font;
  const widest = Math.max(0, ...(labels ?? []).map((label) => plot.ctx.measureText(label).width));
  plot.ctx.restore();
  return Math.max(least, Math.ceil(widest) + AXIS_PAD);
}

const MANY = 1e6;

/** Marks as numbers; millions are shortened as long as two decimals still tell neighbours apart. */
export function valueLabels(splits: readonly number[], formats: Formats): string[] {
  const most = Math.max(...splits.map(Math.abs));
  const step = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0));
  if (most >= MANY && step >= most / 100) return splits.map((v) => formats.compact(v));
  return splits.map((v) => formats.number(v, digitsOf(splits)));
}

/** Enough decimals to tell neighbouring marks apart. */
function digitsOf(splits: readonly number[]): number {
  const step = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0));
  return step > 0 && step < 1 ? Math.min(6, Math.ceil(-Math.log10(step))) : 0;
}
