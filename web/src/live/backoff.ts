/** Waiting time before attempt `n` (0, 1, 2, …): doubles from half a second to fifteen, with up to 30 % spread. */
export function backoffMs(attempt: number, random: number): number {
  const base = Math.min(15_000, 500 * 2 ** attempt);
  return Math.round(base * (0.85 + 0.3 * random));
}
