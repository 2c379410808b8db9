import { describe, expect, it } from "vitest";
import example from "../src/schedule/example.json";
import { canDo, marks, moved, offShift, placeAt, placeOf, rowsOf, sequencesOf, shared } from "../src/schedule/gantt";
import type { Operation, Plan, Problem } from "../src/schedule/types";

const problem: Problem = {
  calendars: { day: { on: [[0, 4], [5, 8]], period: 24 }, once: { on: [[2, 6]] } },
  machines: { saw: { calendar: "day" }, mill: { calendar: "once" }, oven: {} },
  jobs: {
    a: { operations: [{ on: { saw: 2 } }, { name: "cut", on: { mill: 3, oven: 4 } }] },
    b: { operations: [{ on: { saw: 2, oven: 3 } }] },
  },
};
const operation = (job: string, name: string, machine: string, start: number, end: number): Operation => ({ job, operation: name, machine, start, end, setup: 0 });
const [a1, cut, b1] = [operation("a", "1", "saw", 0, 2), operation("a", "cut", "mill", 2, 5), operation("b", "1", "saw", 2, 4)];
const plan = { machines: { saw: {}, mill: {}, oven: {} }, operations: [b1, cut, a1] } as unknown as Plan;

describe("the rows of a plan", () => {
  it("hold each machine's operations by start, and machines without any", () => {
    expect([...rowsOf(plan)]).toEqual([["saw", [a1, b1]], ["mill", [cut]], ["oven", []]]);
    expect(sequencesOf(plan)).toEqual({ saw: [["a", "1"], ["b", "1"]], mill: [["a", "cut"]], oven: [] });
    expect([placeOf(plan, b1), placeOf(plan, cut)]).toEqual([1, 0]);
  });

  it("know what else can do an operation, by its name or its number", () => {
    expect(canDo(problem, cut)).toEqual({ mill: 3, oven: 4 });
    expect(canDo(problem, b1)).toEqual({ saw: 2, oven: 3 });
    expect(canDo(problem, { job: "c", operation: "1" })).toEqual({});
  });
});

describe("an operation that is moved", () => {
  it("takes another place on its machine", () => {
    expect(moved(plan, b1, "saw", 0)).toEqual({ saw: [["b", "1"], ["a", "1"]], mill: [["a", "cut"]], oven: [] });
  });

  it("leaves its machine for another", () => {
    expect(moved(plan, cut, "oven", 0)).toEqual({ saw: [["a", "1"], ["b", "1"]], mill: [], oven: [["a", "cut"]] });
  });

  it("changes nothing where it stood", () => {
    expect(moved(plan, b1, "saw", 1)).toBeUndefined();
  });

  it("goes before those whose middle is later", () => {
    expect([placeAt(plan, b1, "saw", 0.9), placeAt(plan, b1, "saw", 1.1), placeAt(plan, a1, "oven", 9)]).toEqual([0, 1, 0]);
  });
});

describe("the time off shift", () => {
  it("is what a calendar leaves out, repeated, up to the end", () => {
    expect(offShift(problem, "saw", 30)).toEqual([[4, 5], [8, 24], [28, 29]]);
  });

  it("begins after the last span for good where there is no period", () => {
    expect(offShift(problem, "mill", 10)).toEqual([[0, 2], [6, 10]]);
    expect(offShift(problem, "oven", 10)).toEqual([]);
  });
});

it("what all names begin with is left out, but never a number nor a whole name", () => {
  expect([shared(["JOB-01", "JOB-02"]), shared(["A-1", "B-1"]), shared(["1001", "1002"]), shared(["ab", "abc"]), shared(["a"])]).toEqual([4, 0, 0, 0, 0]);
});

it("marks stand at round times, no more than asked for", () => {
  expect(marks(1640, 9)).toEqual([0, 200, 400, 600, 800, 1000, 1200, 1400, 1600]);
  expect(marks(7, 20)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it("the example names only machines it has", () => {
  const known = new Set(Object.keys(example.machines));
  const used = Object.values(example.jobs).flatMap((job) => job.operations.flatMap(({ on }) => Object.keys(on)));
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});
