import { describe as group, expect, test } from "vitest";
import { around, at, end, firstRule, moving, nice, reach, saysNothing } from "../src/hub/laboratory/scale";
import type { Effect, Movement } from "../src/hub/laboratory/types";
import { describe, path } from "../src/hub/programmes/amounts";
import type { Input, Programme, Taken } from "../src/hub/programmes/types";

const sources = import.meta.glob<string>("../src/hub/{programmes,laboratory}/*.{ts,svelte}", { query: "?raw", import: "default", eager: true });
const texts = import.meta.glob<Record<string, string>>("../../src/lineside/texts/en/{programmes,laboratory}_page.json", { import: "default", eager: true });

group("an amount", () => {
  test.each([
    [{ low: 5, high: 5 }, "one"],
    [{ low: 0, high: 0 }, "one"],
    [{ low: 3, high: 5 }, "between"],
    [{ low: 0, high: 5 }, "most"],
    [{ low: null, high: 5 }, "most"],
    [{ low: 3, high: null }, "least"],
    [{ low: 0, high: null }, "open"],
    [{ low: null, high: null }, "open"],
  ] as const)("of %o is told as %s", (range, kind) => {
    expect(describe(range).kind).toBe(kind);
  });
});

group("the path of an application", () => {
  const steps = (...names: (Taken["step"] | "granted" | "refused")[]): Pick<Taken, "step" | "granted">[] =>
    names.map((one) => (one === "granted" || one === "refused" ? { step: "decided", granted: one === "granted" } : { step: one }));
  const told = (state: Parameters<typeof path>[0], ...names: Parameters<typeof steps>): string =>
    path(state, steps(...names))
      .map(({ name, turn, done, here }) => `${turn ?? name}${done ? "" : "?"}${here ? "!" : ""}`)
      .join(" ");

  test.each([
    ["drafted! applied? decided? paid?", "drafted", ["drafted"]],
    ["drafted applied! decided? paid?", "applied", ["drafted", "applied"]],
    ["drafted applied asked?! decided? paid?", "asked", ["drafted", "applied", "asked"]],
    ["drafted applied! asked decided? paid?", "applied", ["drafted", "applied", "asked", "answered"]],
    ["drafted applied granted! paid?", "granted", ["drafted", "applied", "granted"]],
    ["drafted applied granted paid!", "granted", ["drafted", "applied", "granted", "paid"]],
    ["drafted applied refused!", "refused", ["drafted", "applied", "refused"]],
    ["drafted applied refused appealed! decided? paid?", "appealed", ["drafted", "applied", "refused", "appealed"]],
    ["drafted applied refused appealed granted! paid?", "granted", ["drafted", "applied", "refused", "appealed", "granted"]],
    ["drafted applied withdrawn!", "withdrawn", ["drafted", "applied", "withdrawn"]],
  ] as const)("is %s", (expected, state, names) => {
    expect(told(state, ...names)).toBe(expected);
  });

  test("says in every state where it is, once", () => {
    for (const state of ["drafted", "applied", "asked", "granted", "refused", "appealed", "withdrawn"] as const) {
      const decided = state === "granted" || state === "refused" ? [state] : state === "appealed" ? (["refused"] as const) : [];
      const found = path(state, steps("drafted", ...(state === "drafted" ? [] : (["applied"] as const)), ...(state === "asked" ? (["asked"] as const) : []), ...decided, ...(state === "appealed" ? (["appealed"] as const) : [])));
      expect(found.filter(({ here }) => here)).toHaveLength(1);
    }
  });
});

group("an axis", () => {
  test("ends at a nice number that is not less", () => {
    expect([0, 1, 1.1, 3, 26, 251, 999].map(nice)).toEqual([1, 1, 2, 5, 50, 500, 1000]);
    for (let value = 0.013; value < 1e7; value *= 1.7) expect(nice(value)).toBeGreaterThanOrEqual(value);
  });

  test("holds every interval, and skips what is withheld", () => {
    expect(end([null, undefined, { value: 3, low: 1, high: 8 }, 4])).toBe(10);
    expect(end([null])).toBe(1);
    expect([at(5, 10), at(50, 10), at(-5, 10), at(1, 0)]).toEqual([50, 100, 0, 0]);
  });

  test("around indices holds both, does not go below nothing, and is never without width", () => {
    const one = { value: 0.043, low: 0.04, high: 0.05 };
    for (const told of [[one, one], [{ value: 0, low: 0, high: 0 }], [one, { value: 0.1, low: 0.1, high: 0.1 }]]) {
      const { low, high } = around(told);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeGreaterThan(low);
      for (const each of told) expect(low <= each.low && each.high <= high).toBe(true);
    }
  });

  test("of a slider reaches past what the rule is now, in steps that it is a multiple of or fine", () => {
    expect(reach(0.3, "1")).toEqual({ most: 1, step: 0.01 });
    expect(reach(300, "persons").most).toBe(1000);
    for (const value of [0, 1, 7, 300, 3e6, 2.5e10]) expect(reach(value, "CNY").most).toBeGreaterThan(value);
  });
});

group("the picture of who moves", () => {
  const nothing = { value: 0, low: 0, high: 0 };
  const row = (id: string, patch: Partial<Movement>): Movement => ({ id, name: id, members: 9, enterprises: 9, gains: nothing, loses: nothing, enters: nothing, drops_out: nothing, cannot_say: nothing, cost_before: nothing, cost_after: nothing, ...patch });

  test("has the classes in which somebody does, or of which that is not told", () => {
    const found = moving([row("still", {}), row("moves", { loses: { value: 2, low: 2, high: 2 } }), row("withheld", { gains: null }), row("open", { cannot_say: { value: 1, low: 1, high: 1 } })]);
    expect(found.map(({ id }) => id)).toEqual(["moves", "withheld", "open"]);
  });
});

group("the texts", () => {
  const keys = new Set(Object.values(texts).flatMap((one) => Object.keys(one)));
  const asked = [...new Set(Object.values(sources).flatMap((text) => [...text.matchAll(/["'`]((?:programmes_page|laboratory_page)\.(?:\$\{[^}]*\}|[\w.])+)["'`]/g)].map(([, key]) => key ?? "")))];
  const patterns = asked.map((key) => new RegExp(`^${key.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\.")).join("[^.]+")}$`));

  test("hold every key the pages ask for, and no other", () => {
    expect(asked.length).toBeGreaterThan(150);
    expect(patterns.filter((pattern) => ![...keys].some((key) => pattern.test(key))).map(String)).toEqual([]);
    expect([...keys].filter((key) => !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
  });
});

group("the laboratory", () => {
  const rule = (id: string, ...told: Input["told_by"][]): Programme => ({ id, inputs: told.map((told_by) => ({ told_by })) }) as unknown as Programme;
  const tried = (enterprises: number | null, cannot_say: number | null): Effect =>
    ({ whole: { enterprises, cannot_say: cannot_say === null ? null : { value: cannot_say, low: cannot_say, high: cannot_say } } }) as unknown as Effect;

  test("begins with the rule of whose inputs members tell the most, and else with the first", () => {
    expect(firstRule([rule("a", null, "profile"), rule("b", "indicator", "profile"), rule("c", "profile")])?.id).toBe("b");
    expect(firstRule([rule("a", null), rule("b", null)])?.id).toBe("a");
    expect(firstRule([])).toBeUndefined();
  });

  test.each([
    [tried(302, 302), true],
    [tried(302, 301), false],
    [tried(302, null), false],
    [tried(null, 0), false],
  ])("says nothing where it cannot be said of anybody", (effect, nothing) => {
    expect(saysNothing(effect)).toBe(nothing);
  });
});
