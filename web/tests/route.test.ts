import { describe, expect, test } from "vitest";
import { DEFAULT_CHOICE, formatRoute, parseRoute, type Route } from "../src/route/path";

const parse = (path: string): Route => parseRoute(new URL(path, "http://node"));
const PLAIN: Route = {
  page: { name: "plant" },
  choice: DEFAULT_CHOICE,
  zoom: undefined,
  signals: [],
  number: undefined,
  language: undefined,
};
const noon = Date.parse("2026-11-24T12:00Z");

describe("an address", () => {
  test("without anything is the plant now", () => {
    expect(parse("/")).toEqual(PLAIN);
    expect(formatRoute(PLAIN)).toBe("/");
  });

  test.each<[string, Partial<Route>]>([
    ["a machine", { page: { name: "machine", id: "press-1" } }],
    ["a name that is not ASCII", { page: { name: "tally", id: "冲压机.1" } }],
    ["the twin of a line", { page: { name: "twin", id: "pumps" } }],
    ["schedules", { page: { name: "schedule", id: "" } }],
    ["one schedule", { page: { name: "schedule", id: "12" } }],
    ["sources", { page: { name: "connect", id: "" } }],
    ["one source", { page: { name: "connect", id: "press 7" } }],
    ["a preset", { choice: { preset: "7d" } }],
    ["an anchored shift", { choice: { preset: "shift", at: noon } }],
    ["a drawn window", { choice: { from: noon, to: noon + 1000 } }],
    ["a zoom between seconds", { zoom: { from: noon + 1, to: noon + 90_500 } }],
    ["signals", { signals: ["load", "speed"] }],
    ["an opened number", { number: { kpi: "oee", scope: "line/cell" } }],
    ["what a page of a hub is about", { pick: { indicator: "lead_time", month: "2026-10", generated: "no", find: "press 7" } }],
    ["a language", { language: "zh" }],
  ])("holds %s there and back", (_, patch) => {
    const route = { ...PLAIN, ...patch };
    expect(parse(formatRoute(route))).toEqual(route);
  });

  test("stays readable", () => {
    const route: Route = {
      ...PLAIN,
      page: { name: "machine", id: "press" },
      choice: { from: noon, to: noon + 3_600_000 },
      number: { kpi: "quality", scope: "machine/press" },
    };
    expect(formatRoute(route)).toBe(
      "/machine/press?from=2026-11-24T12:00Z&to=2026-11-24T13:00Z&number=quality&scope=machine/press",
    );
  });

  test("takes epoch milliseconds too", () => {
    expect(parse(`/?from=${noon}&to=${noon + 1}`).choice).toEqual({ from: noon, to: noon + 1 });
  });

  test.each([
    "/?range=decade",
    "/?from=2026-11-24T12:00Z",
    "/?from=2026-11-24T12:00Z&to=2026-11-24T11:00Z",
    "/?from=yesterday&to=today",
    "/?zoom=5",
    "/?zoom=10,5",
    "/?number=oee",
    "/?number=oee&scope=robot/1",
    "/?number=mood&scope=line/cell",
    "/?lang=tlh",
    "/?signals=",
  ])("that makes no sense is the plain page: %s", (path) => {
    expect(parse(path)).toEqual(PLAIN);
  });

  test.each(["/nowhere", "/machine", "/machine/a/b", "/machine/%E0%A4%A"])("that leads nowhere says so: %s", (path) => {
    expect(parse(path).page).toEqual({ name: "unknown" });
  });
});

describe("the pages of another house", () => {
  const pages = { kinds: ["members", "point"], alone: ["members"] } as const;
  const named = (path: string) => parseRoute(new URL(path, "http://hub"), pages).page;

  test("are those it is told, of one thing or without one", () => {
    expect(named("/members")).toEqual({ name: "members", id: "" });
    expect(named("/members/17")).toEqual({ name: "members", id: "17" });
    expect(named("/point/17")).toEqual({ name: "point", id: "17" });
    expect(named("/point")).toEqual({ name: "unknown" });
  });

  test("are not those of a node, nor a node's those of a hub", () => {
    expect(named("/machine/press")).toEqual({ name: "unknown" });
    expect(parseRoute(new URL("/members", "http://node")).page).toEqual({ name: "unknown" });
  });
});
