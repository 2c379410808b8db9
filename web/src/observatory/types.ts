/** What the public page reads. */
import type { Coverage } from "../bands/types";

export interface PublicFigure {
  indicator: string;
  name: string;
  unit: string;
  cell: string;
  /** Of the cell; that of all members is the shortest. */
  path: string;
  value: number;
  /** So far the noise may put it off in either direction, in 19 of 20 cases. */
  error: number;
  generated: number;
  words: string;
}

export interface Observatory {
  period: string | null;
  periods: string[];
  figures: PublicFigure[];
  budget: { spent: number; of: number } | null;
  words: string[];
  coverage: Coverage | null;
}
