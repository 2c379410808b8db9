import { describe, expect, it } from "vitest";
import type { Thing } from "../src/catalogue/types";
import { hexLines } from "../src/valve/bytes";
import { branchesOf, matcher, meant } from "../src/valve/content";
import { changes } from "../src/valve/difference";

const thing = (id: string): Thing => ({ id, place: "site", grade: "general" });

describe("what is other than last time", () => {
  it("pairs what went with what came by its name", () => {
    expect(changes(["- oee = 0.5", "+ oee = 0.6", "- good = 3", "+ rejected = 1"])).toEqual([
      { name: "oee", fate: "changed", before: "0.5", now: "0.6" },
      { name: "good", fate: "gone", before: "3", now: "" },
      { name: "rejected", fate: "new", before: "", now: "1" },
    ]);
  });

  it("takes a line that holds no value as a name, and the same name twice in order", () => {
    expect(changes(["- # HELP", "- a = 1", "- a = 2", "+ a = 3"])).toEqual([
      { name: "# HELP", fate: "gone", before: "", now: "" },
      { name: "a", fate: "changed", before: "1", now: "3" },
      { name: "a", fate: "gone", before: "2", now: "" },
    ]);
  });
});

describe("branches of the catalogue", () => {
  const things = ["plant", "kpi/line/cell/oee", "kpi/line/cell/quality", "kpi/site/shop/oee", "signal/press/odd[1]*"].map(thing);

  it("means with each branch exactly what is in it", () => {
    const seen: string[] = [];
    const walk = (branches: ReturnType<typeof branchesOf>): void => {
      for (const one of branches) {
        seen.push(one.pattern);
        expect(meant(things, [one.pattern])).toEqual(one.things);
        walk(one.branches);
      }
    };
    walk(branchesOf(things));
    expect(seen).toContain("kpi/line/cell/*");
    expect(seen).toContain("signal/press/odd[[]1][*]");
  });

  it("reads patterns as the node does", () => {
    expect(["kpi/line/x", "kpi/line/x/y", "kpi/linex"].map(matcher("kpi/line/*"))).toEqual([true, true, false]);
    expect(["a.b", "axb"].map(matcher("a.b"))).toEqual([true, false]);
    expect(["ab", "a/b", "a"].map(matcher("a?"))).toEqual([true, false, false]);
  });
});

describe("exact bytes", () => {
  it("shows sixteen a line, and letters where they are some", () => {
    expect(hexLines(new Uint8Array([0, 72, 105, 255]), 100)).toBe(`000000  00 48 69 ff${" ".repeat(37)} ·Hi·`);
    expect(hexLines(new Uint8Array(40), 20).split("\n")).toHaveLength(2);
  });
});
