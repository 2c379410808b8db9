/** How far the node's clock is ahead of this computer's. */
const STEADY_MS = 500;

/** The skew after a frame: it moves only when it is clearly off, so that jitter on the way moves no clock. */
export function steadySkew(held: number, nodeMs: number, hereMs: number): number {
  const measured = nodeMs - hereMs;
  return Math.abs(measured - held) > STEADY_MS ? measured : held;
}
