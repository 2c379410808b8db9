import { describe, expect, test } from "vitest";
import { doing, isReadyMade, made, offers, readChanges } from "../src/twin/changes";
import { around, band, between, doubtful, hourly, marks, off, place, scaleOf } from "../src/twin/numbers";
import { shockOf, targets, type Target } from "../src/twin/shocks";
import type { Change, Parameter, Score, Twin } from "../src/twin/types";

describe("what a change does is read from its pointers", () => {
  const weld = { name: "x", scale: { "/stations/weld/failures/wear/repair": 0.5, "/stations/weld/failures/jam/repair": 0.5 } };

  test.each<[Change, ReturnType<typeof doing>]>([
    [{ name: "x", scale: { "/stations/weld/work": 0.9 } }, { kind: "cycle", place: "weld", amount: 0.9 }],
    [weld, { kind: "repair", place: "weld", amount: 0.5 }],
    [{ name: "x", scale: { "/stations/a~1b/setups": 0.5 } }, { kind: "setup", place: "a/b", amount: 0.5 }],
    [{ name: "x", set: { "/stations/weld/servers": 2 } }, { kind: "server", place: "weld", amount: 2 }],
    [{ name: "x", set: { "/stations/weld/buffer/capacity": 5 } }, { kind: "buffer", place: "weld", amount: 5 }],
    [{ name: "x", set: { "/buffers/rack/capacity": 5 } }, { kind: "buffer", place: "rack", amount: 5 }],
    [{ name: "x", set: { "/resources/fitter/count": 3 } }, { kind: "resource", place: "fitter", amount: 3 }],
  ])("%j", (change, found) => {
    expect(doing(change)).toEqual(found);
  });

  test.each<[string, Change]>([
    ["two places", { name: "x", scale: { "/stations/weld/work": 0.9, "/stations/pack/work": 0.9 } }],
    ["two amounts", { name: "x", scale: { "/stations/weld/failures/a/repair": 0.9, "/stations/weld/failures/b/repair": 0.5 } }],
    ["both set and scale", { name: "x", scale: { "/stations/weld/work": 0.9 }, set: { "/stations/weld/servers": 2 } }],
    ["something removed", { name: "x", scale: { "/stations/weld/work": 0.9 }, remove: ["/stations/weld/failures"] }],
    ["no number", { name: "x", set: { "/stations/weld/servers": "two" } }],
    ["nothing known", { name: "x", set: { "/sources/in/interval": 3 } }],
    ["nothing at all", { name: "x" }],
  ])("%s is no one thing", (_, change) => {
    expect(doing(change)).toBeUndefined();
  });

  test("a ready-made change is known by its name in any language, one of a person's own is not", () => {
    expect(["weld: cycle 10 % shorter", "weld：节拍缩短 10 %", "the new laser", "welding: faster"].map((name) => isReadyMade(name, "weld"))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    const called = ["Weld cell: cycle 10 % shorter", "Weld cell (weld)：节拍缩短 10 %", "weld: of old", "Weld: another"];
    expect(called.map((name) => isReadyMade(name, "weld", "Weld cell"))).toEqual([true, true, true, false]);
  });

  test("ready-made changes make a table of places and kinds, in the order of the line", () => {
    const change = (name: string, pointer: string): Change => ({ name, scale: { [pointer]: 0.9 } });
    const all = [change("b cycle", "/stations/b/work"), change("a cycle", "/stations/a/work"), change("a setup", "/stations/a/setups")];

    const table = offers(all);

    expect(table.places).toEqual(["b", "a"]);
    expect(table.kinds).toEqual(["cycle", "setup"]);
    expect(table.at("a", "setup")?.name).toBe("a setup");
    expect(table.at("b", "setup")).toBeUndefined();
  });
});

describe("what can go wrong", () => {
  const model = { stations: { weld: {}, pack: {} }, sources: { weld: {} }, resources: { fitter: { count: 2 } } };

  test("is every station and source, what they share, and power", () => {
    expect(targets(model).map(({ kind, name, most }) => [kind, name, most])).toEqual([
      ["station", "weld", undefined],
      ["station", "pack", undefined],
      ["source", "weld", undefined],
      ["resource", "fitter", 2],
      ["power", "", 100],
    ]);
    expect(targets({ stations: {} })).toEqual([{ kind: "power", name: "", most: 100 }]);
  });

  test("is told to the node in seconds, of a resource in pieces, of power as a share", () => {
    const [weld, , , fitter, power] = targets(model) as [Target, Target, Target, Target, Target];
    expect(shockOf(weld, 7200, 3600, 1)).toEqual({ kind: "station", name: "weld", start: 7200, duration: 3600 });
    expect(shockOf(fitter, 7200, 3600, 2).less).toBe(2);
    expect(shockOf(power, 7200, 3600, 40)).toEqual({ kind: "power", name: "", start: 7200, duration: 3600, less: 0.4 });
  });
});

describe("changes of a person's own", () => {
  const change = { name: "faster", scale: { "/stations/weld/work": 0.95 } };

  test("may be a document, a list or one change, with a mark of byte order before it", () => {
    expect(readChanges(JSON.stringify({ schema: "lineside.changes/1", changes: [change] }))).toEqual([change]);
    expect(readChanges(`\uFEFF${JSON.stringify([change])}`)).toEqual([change]);
    expect(readChanges(JSON.stringify(change))).toEqual([change]);
    expect(readChanges('{"name": "without", "remove": ["/stations/weld/failures"]}')).toHaveLength(1);
  });

  test.each(["", "{", "[]", "3", "null", '{"name": "nothing"}', '[{"scale": {"/a": 1}}]', '{"changes": []}'])("%s is none", (text) => {
    expect(readChanges(text)).toBeUndefined();
  });
});

describe("numbers", () => {
  const shares = (mean: number) => ({ shares: { off: { mean, half_width: 0 } } });
  const line = (...stations: unknown[]) => ({ stations }) as unknown as Twin;

  test("an hour is an hour on shift of the stations by which parts go out", () => {
    expect(hourly(line({ to: ["b"], ...shares(0) }, { to: ["out", "scrap"], ...shares(0.25) }))).toBeCloseTo(4800);
    expect(hourly(line({ to: ["b"], ...shares(0) }, { to: [], ...shares(0.5) }))).toBeCloseTo(7200);
    expect(hourly(line({ to: ["out"], ...shares(1) }))).toBe(3600);
  });

  test("an interval without a width is a point", () => {
    expect(between({ mean: 2, half_width: 0.5 }, 10)).toEqual({ mean: 20, low: 15, high: 25 });
    expect(between({ mean: 2, half_width: null })).toEqual({ mean: 2, low: 2, high: 2 });
  });

  test("a scale of bars holds zero, also with nothing on it", () => {
    expect(scaleOf([{ mean: 2, low: 1, high: 3 }])).toEqual({ low: 0, high: 3 });
    expect(scaleOf([{ mean: -2, low: -3, high: -1 }])).toEqual({ low: -3, high: 0 });
    expect(scaleOf([])).toEqual({ low: 0, high: 1 });
  });

  test("what lies outside a scale stands at its end", () => {
    const scale = { low: -10, high: 30 };
    expect([-20, -10, 0, 30, 99].map((value) => place(scale, value))).toEqual([0, 0, 25, 100, 100]);
  });

  test("marks are round, begin at 0 and are few", () => {
    expect(marks(640)).toEqual([0, 200, 400, 600]);
    expect(marks(1)).toEqual([0, 0.5, 1]);
    expect(marks(7).length).toBeLessThanOrEqual(5);
  });

  test("a band goes there along its upper edge and back along its lower one", () => {
    expect(band([[0, 50], [100, 80]], [[0, 50], [100, 20]])).toBe("M0.00 50.00L100.00 20.00L100.00 80.00L0.00 50.00Z");
    expect(band([], [])).toBe("");
  });
});

describe("scores", () => {
  const score = (told: Partial<Score>): Score => ({
    measure: "made",
    station: null,
    station_name: null,
    unit: "1",
    n: 2,
    epochs: [
      { start_ms: 0, end_ms: 1, observed: 100, mean: 110, low: 90, high: 120 },
      { start_ms: 1, end_ms: 2, observed: 300, mean: 280, low: 200, high: 290 },
    ],
    coverage: [{ level: 0.9, inside: 1, of: 2, low: 0.1, high: 0.9, kept: true }],
    error: { mean: -0.05, low: -0.1, high: 0 },
    contests: [],
    verdict: "level",
    ...told,
  });

  test("counts are off in percent, shares of time in points", () => {
    const time = [{ start_ms: 0, end_ms: 1, observed: 0.2, mean: 0.2, low: 0.1, high: 0.3 }];
    expect(off(score({})).mean).toBeCloseTo(-5);
    expect(off(score({ unit: "%", epochs: time })).mean).toBeCloseTo(-1);
  });

  test("a picture's scale holds every forecast and what happened, and no negative count", () => {
    const { low, high } = around(score({}));
    expect(low).toBeLessThanOrEqual(90);
    expect(high).toBeGreaterThanOrEqual(300);
    expect(around(score({ epochs: [{ start_ms: 0, end_ms: 1, observed: 0, mean: 1, low: 0, high: 2 }] })).low).toBe(0);
  });

  test("what says most against the twin comes first", () => {
    const broken = { level: 0.9, inside: 0, of: 9, low: 0, high: 0.3, kept: false };
    const all = [
      score({ measure: "fine" }),
      score({ measure: "unsure", coverage: [broken] }),
      score({ measure: "off", error: { mean: 0.4, low: 0.3, high: 0.5 } }),
      score({ measure: "worse", verdict: "worse" }),
    ];
    expect(doubtful(all).map(({ measure }) => measure)).toEqual(["worse", "unsure", "off", "fine"]);
  });
});

describe("a change that was made", () => {
  const parameter = (what: string, about: string, path: string): Parameter =>
    ({ station: "weld", what, about, path }) as unknown as Parameter;
  const known = [
    parameter("repair", "jam", "/stations/weld/failures/jam/repair"),
    parameter("repair", "slip", "/stations/weld/failures/slip/repair"),
    parameter("repair", "material", "/stations/weld/failures/material/repair"),
  ];

  test("scales every such time of its station, waits for material left out", () => {
    expect(made(known, "weld", "repair", 50, "x")).toEqual({
      name: "x",
      scale: { "/stations/weld/failures/jam/repair": 0.5, "/stations/weld/failures/slip/repair": 0.5 },
    });
  });

  test("sets a number to what it is now", () => {
    expect(made(known, "weld", "servers", 2, "x")).toEqual({ name: "x", set: { "/stations/weld/servers": 2 } });
    expect(made(known, "weld", "places", 0, "x")).toEqual({ name: "x", set: { "/stations/weld/buffer": 0 } });
  });

  test("is none where the station has no such times, or no amount was typed", () => {
    expect(made(known, "weld", "setup", 50, "x")).toBeUndefined();
    expect(made(known, "weld", "servers", NaN, "x")).toBeUndefined();
  });
});
