/** Which of a few shades a figure has, and where a tile lies. */
import { widthOf, type Grid } from "./scale";
import type { Region } from "./types";

export const SHADES = 5;

export interface Shades {
  /** The ends of the shades, one more than there are; from weak to strong for figures that grow. */
  edges: readonly number[];
}

const clean = (value: number): number => Number(value.toPrecision(12));

/** Shades of equal width for `values`, each at least one step of their grid wide. */
export function shadesOf(values: readonly number[], grid: Grid): Shades | undefined {
  if (!values.length) return undefined;
  const step = widthOf(grid, values);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const width = Math.max(1, Math.ceil((high - low) / step / SHADES + 1e-9));
  const first = Math.floor((low + high - SHADES * width * step) / 2 / step + 0.5 + 1e-9);
  const start = Math.min(Math.max(first, low >= 0 ? 0 : first), Math.floor(low / step + 1e-9));
  return { edges: Array.from({ length: SHADES + 1 }, (_, i) => clean((start + i * width) * step)) };
}

/** The shade of a figure, 1 to `SHADES`; the strongest is what is best. */
export function shadeOf({ edges }: Shades, value: number, better: "higher" | "lower"): number {
  const above = edges.slice(1, -1).filter((edge) => value >= edge - 1e-12).length;
  return better === "higher" ? above + 1 : SHADES - above;
}

export interface Placed extends Region {
  column: number;
  row: number;
}

/** Regions on a grid whose first column and row are 1, in the order in which one reads. */
export function placed(regions: readonly Region[]): Placed[] {
  const left = Math.min(...regions.map(({ tile }) => tile[0]));
  const top = Math.min(...regions.map(({ tile }) => tile[1]));
  return regions
    .map((region) => ({ ...region, column: region.tile[0] - left + 1, row: region.tile[1] - top + 1 }))
    .sort((a, b) => a.row - b.row || a.column - b.column);
}
