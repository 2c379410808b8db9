/** One member, and its figures, as the page Members reads them. */
import type { Listed } from "./register";

export interface Odd {
  number: number;
  month: string | null;
  words: string;
}

export interface Refusal {
  at_ms: number;
  words: string;
  number?: number | null;
  sha256?: string | null;
  /** Of what was taken under the same number. */
  other?: string | null;
}

/** Lists stand here where the register has their lengths. */
export interface Member extends Omit<Listed, "remarks" | "refused"> {
  remarks: Odd[] | number;
  refused: Refusal[] | number;
  into?: number | null;
  why?: string | null;
}

export interface FigureValue {
  indicator: string;
  month: string;
  value: number | null;
  absent: string | null;
  coverage: number | null;
  origin: "measured" | "entered" | "generated" | null;
  evidence: string | null;
  number: number;
  remarks: string[];
}

export interface MemberFigures {
  months: string[];
  values: FigureValue[];
}
