import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Router } from "../src/route/router.svelte";

const host = "http://node";
let entries: { url: URL; state: unknown }[];
let router: Router;
let pop: () => void;

beforeEach(() => {
  entries = [{ url: new URL("/?lang=zh", host), state: null }];
  const here = () => entries.at(-1) as (typeof entries)[number];
  vi.stubGlobal("location", {
    get href() {
      return here().url.href;
    },
  });
  vi.stubGlobal("history", {
    get state() {
      return here().state;
    },
    pushState: (state: unknown, _: string, url: string) => entries.push({ url: new URL(url, host), state }),
    replaceState: (state: unknown, _: string, url: string) => entries.splice(-1, 1, { url: new URL(url, host), state }),
    back: () => {
      entries.pop();
      pop();
    },
  });
  vi.stubGlobal("window", { addEventListener: (_: string, listener: () => void) => (pop = listener) });
  vi.stubGlobal("document", { addEventListener: vi.fn() });
  router = new Router();
  router.start();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

const number = { kpi: "oee", scope: "line/cell" } as const;

describe("the address bar", () => {
  test("links to other pages keep the language and nothing else", () => {
    router.adjust({ choice: { preset: "7d" }, signals: ["load"] });
    expect(router.href({ name: "machine", id: "press" })).toBe("/machine/press?lang=zh");
  });

  test("what is visited is a new entry, what is adjusted is not", () => {
    router.go({ choice: { preset: "7d" } });
    expect(entries).toHaveLength(2);
    router.adjust({ zoom: { from: 1000, to: 2000 } });
    expect(entries).toHaveLength(2);
    expect(router.route.choice).toEqual({ preset: "7d" });
  });

  test("closing a number that was opened here goes back to where it was opened", () => {
    router.openNumber(number);
    expect(entries).toHaveLength(2);
    router.openNumber({ ...number, kpi: "quality" });
    expect(entries).toHaveLength(2);
    router.closeNumber();
    expect(entries).toHaveLength(1);
    expect(router.route.number).toBeUndefined();
  });

  test("closing a number that came with the link stays on the page", () => {
    entries = [{ url: new URL("/?number=oee&scope=line/cell", host), state: null }];
    pop();
    expect(router.route.number).toEqual(number);
    router.closeNumber();
    expect(entries).toHaveLength(1);
    expect(entries[0]?.url.search).toBe("");
    router.closeNumber();
    expect(entries).toHaveLength(1);
  });
});
