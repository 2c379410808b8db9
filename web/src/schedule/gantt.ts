/** Reckoning for the chart of a plan: pure functions of what the API told. */
import type { Operation, Plan, Problem } from "./types";

/** What each machine does, in order, as (job, operation). */
export type Sequences = Record<string, [string, string][]>;

export const keyOf = ({ job, operation }: Pick<Operation, "job" | "operation">): string => JSON.stringify([job, operation]);

/** The operations of each machine, by start. */
export function rowsOf(plan: Plan): Map<string, Operation[]> {
  const rows = new Map(Object.keys(plan.machines).map((name): [string, Operation[]] => [name, []]));
  for (const one of [...plan.operations].sort((a, b) => a.start - b.start)) rows.get(one.machine)?.push(one);
  return rows;
}

export function sequencesOf(plan: Plan): Sequences {
  const rows = [...rowsOf(plan)];
  return Object.fromEntries(rows.map(([name, row]) => [name, row.map(({ job, operation }): [string, string] => [job, operation])]));
}

/** The machines that can do an operation, with the time each takes. */
export function canDo(problem: Problem, { job, operation }: Pick<Operation, "job" | "operation">): Record<string, number> {
  return problem.jobs[job]?.operations.find(({ name }, i) => (name ?? String(i + 1)) === operation)?.on ?? {};
}

/** The sequences with one operation put at a place of a machine's; undefined where that changes nothing. */
export function moved(plan: Plan, what: Operation, machine: string, place: number): Sequences | undefined {
  const before = sequencesOf(plan);
  const key = keyOf(what);
  const rest = (name: string): [string, string][] => (before[name] ?? []).filter(([job, operation]) => keyOf({ job, operation }) !== key);
  const row = rest(machine);
  row.splice(place, 0, [what.job, what.operation]);
  const after = { ...before, [what.machine]: rest(what.machine), [machine]: row };
  return JSON.stringify(after) === JSON.stringify(before) ? undefined : after;
}

/** The place an operation would take in a machine's row with its middle at a time. */
export function placeAt(plan: Plan, what: Operation, machine: string, middle: number): number {
  const key = keyOf(what);
  const others = plan.operations.filter((one) => one.machine === machine && keyOf(one) !== key);
  return others.filter(({ start, end }) => (start + end) / 2 < middle).length;
}

/** Where an operation stands in its machine's row. */
export const placeOf = (plan: Plan, what: Operation): number =>
  (rowsOf(plan).get(what.machine) ?? []).findIndex((one) => keyOf(one) === keyOf(what));

/** How much of their beginning all names share, up to their numbers: what a narrow bar need not repeat. */
export function shared(names: readonly string[]): number {
  const [first = "", ...rest] = names;
  let length = 0;
  while (length < first.length && !/\d/.test(first.charAt(length)) && rest.every((name) => name[length] === first[length])) length++;
  return names.length > 1 && names.every((name) => name.length > length) ? length : 0;
}

/** When a machine is off shift, up to an end. */
export function offShift(problem: Problem, machine: string, until: number): [number, number][] {
  const calendar = problem.calendars?.[problem.machines[machine]?.calendar ?? ""];
  if (!calendar) return [];
  const off: [number, number][] = [];
  let free = 0;
  const rounds = calendar.period ? Math.ceil(until / calendar.period) + 1 : 1;
  for (let k = 0; k < rounds && free < until; k++)
    for (const [start, end] of calendar.on) {
      const shift = k * (calendar.period ?? 0);
      if (start + shift > free) off.push([free, Math.min(start + shift, until)]);
      free = Math.max(free, end + shift);
    }
  if (free < until) off.push([free, until]);
  return off.filter(([start, end]) => start < end);
}

/** Round times from 0 to an end, at most so many. */
export function marks(end: number, most: number): number[] {
  const rough = Math.max(end / Math.max(most, 1), 1);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * size).find((n) => n >= rough) ?? 10 * size;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, k) => k * step);
}
