/** What an amount is that is known, or lies between bounds, and where on an axis it is drawn. */
import type { Range, State, Taken } from "./types";

export interface Described {
  kind: "one" | "between" | "least" | "most" | "open";
  low: number;
  high: number;
}

/** An amount that may be nothing up to a bound is "at most" that. */
export function describe({ low, high }: Range): Described {
  const ends = { low: low ?? 0, high: high ?? 0 };
  if (low !== null && low === high) return { kind: "one", ...ends };
  if (high === null) return low === null || low <= 0 ? { kind: "open", ...ends } : { kind: "least", ...ends };
  return low === null || low <= 0 ? { kind: "most", ...ends } : { kind: "between", ...ends };
}

/** The places of an application's path: what it passed, where it is, and what lies before it. */
export interface Place {
  name: "drafted" | "applied" | "asked" | "decided" | "appealed" | "paid";
  done: boolean;
  here: boolean;
  /** How a decision went. */
  turn?: "granted" | "refused" | "withdrawn";
}

/** The path of an application: questions and appeals only where there were any. */
export function path(state: State, steps: readonly Pick<Taken, "step" | "granted">[]): Place[] {
  const took = (step: Taken["step"]): boolean => steps.some((one) => one.step === step);
  const decisions = steps.filter(({ step }) => step === "decided");
  const last = decisions.at(-1);
  const appealed = took("appealed");
  const over = state === "withdrawn";
  const decided = (at: number): Place => {
    const one = decisions[at];
    return { name: "decided", done: one !== undefined, here: false, ...(one ? { turn: one.granted ? ("granted" as const) : ("refused" as const) } : {}) };
  };
  const places: Place[] = [
    { name: "drafted", done: true, here: state === "drafted" },
    { name: "applied", done: took("applied"), here: state === "applied" },
    ...(took("asked") ? [{ name: "asked" as const, done: state !== "asked", here: state === "asked" }] : []),
    decided(0),
    ...(appealed ? [{ name: "appealed" as const, done: true, here: state === "appealed" }, decided(1)] : []),
    ...(last?.granted === false && state === "refused" ? [] : [{ name: "paid" as const, done: took("paid"), here: false }]),
  ];
  if (state === "granted" || state === "refused") {
    const at = took("paid") ? places.length - 1 : places.findLastIndex(({ name, done }) => name === "decided" && done);
    const place = places[at];
    if (place) place.here = true;
  }
  if (!over) return places;
  const kept = places.filter(({ done, name }) => done && name !== "paid").map((one) => ({ ...one, here: false }));
  return [...kept, { name: "decided", done: true, here: true, turn: "withdrawn" }];
}
