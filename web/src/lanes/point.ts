/** What a pointer or the keyboard has picked out of a lane. */
import type { State } from "../api/types";

export interface Point {
  state: State;
  from: number;
  to: number;
  /** The moment under the pointer, or the middle of the stretch. */
  ms: number;
  /** Where on the screen to show it. */
  x: number;
  y: number;
}
