/** Numbers of members as people write them: "1, 2, 5-9". */

const MOST = 5000;

export interface Numbers {
  numbers: number[];
  /** The parts that are no numbers. */
  wrong: string[];
}

/** The numbers of a text, each once, and what of it is none. */
export function parse(text: string): Numbers {
  const found = new Set<number>();
  const wrong: string[] = [];
  for (const part of text.split(/[\s,;，；、]+/).filter(Boolean)) {
    const range = /^(\d{1,9})(?:[-–](\d{1,9}))?$/.exec(part);
    const from = Number(range?.[1] ?? 0);
    const to = Number(range?.[2] ?? from);
    if (from < 1 || to < from || to - from >= MOST) wrong.push(part);
    else for (let one = from; one <= to; one++) found.add(one);
  }
  return { numbers: [...found].sort((a, b) => a - b), wrong };
}

/** The numbers as a text, neighbours as ranges. */
export function write(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const one of [...numbers].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === one - 1) last[1] = one;
    else runs.push([one, one]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : to === from + 1 ? `${from}, ${to}` : `${from}-${to}`)).join(", ");
}
