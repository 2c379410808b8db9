import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Shift } from "../src/api/types";
import { Span } from "../src/machine/span.svelte";
import { numberWindow, scopeName } from "../src/number/scope.svelte";
import type { Route } from "../src/route/path";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-24T15:00:30Z");

const { app, calendar } = vi.hoisted(() => ({
  app: {
    router: { route: {} as Route, adjust: vi.fn(), go: vi.fn() },
    clock: { second: 0, read: () => app.clock.second },
    client: { shifts: vi.fn() },
    plant: undefined as unknown,
    places: new Map<string, unknown>(),
  },
  calendar: { data: undefined as Shift[] | undefined, problem: undefined as unknown },
}));

vi.mock("../src/app.svelte", () => ({ app, t: (key: string) => key }));
vi.mock("../src/api/resource.svelte", () => ({
  Resource: class {
    constructor(load: (signal: AbortSignal) => unknown) {
      load(new AbortController().signal);
    }

    get data() {
      return calendar.data;
    }

    get problem() {
      return calendar.problem;
    }
  },
}));

const late: Shift = {
  name: "Late",
  production_day: "2026-11-24",
  start_ms: Date.parse("2026-11-24T13:00Z"),
  end_ms: Date.parse("2026-11-24T21:00Z"),
  breaks: [],
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  app.router.route = { page: { name: "machine", id: "press" }, choice: { preset: "shift" }, signals: [] };
  app.clock.second = NOW;
  app.plant = undefined;
  app.places.clear();
  calendar.data = [late];
  calendar.problem = undefined;
});

afterEach(() => {
  vi.useRealTimers();
  vi.clearAllMocks();
});

describe("the time of a machine's page", () => {
  test("asks for the machine's own calendar", () => {
    new Span("machine/press");
    expect(app.client.shifts.mock.calls[0]?.[1]).toBe("machine/press");
  });

  test("is unknown until the calendar has answered or refused", () => {
    calendar.data = undefined;
    const span = new Span("machine/press");
    expect(span.known).toBe(false);
    calendar.problem = new Error();
    expect(span.known).toBe(true);
  });

  test("follows the clock in steps, not every second", () => {
    const span = new Span("machine/press");
    const first = span.range;
    expect(first.from).toBe(late.start_ms);
    expect(NOW - first.to).toBeGreaterThanOrEqual(0);
    expect(NOW - first.to).toBeLessThan(30_000);
    app.clock.second += 1000;
    expect(span.range).toEqual(first);
    app.clock.second += 60_000;
    expect(span.range.to).toBeGreaterThan(first.to);
  });

  test("a zoom that the range has left behind is pushed back into it", () => {
    app.router.route = { ...app.router.route, zoom: { from: NOW - 30 * HOUR, to: NOW - 29 * HOUR } };
    const span = new Span("machine/press");
    expect(span.view).toEqual({ from: span.range.from, to: span.range.from + HOUR });
    expect(span.zoomed).toBe(true);
  });

  test("the address follows a zoom once the hand has come to rest, in whole seconds", () => {
    const span = new Span("machine/press");
    const { from } = span.range;
    for (let i = 1; i <= 5; i++) {
      span.show({ from: from + 0.4, to: from + i * 60_000 + 0.4 });
      vi.advanceTimersByTime(100);
    }
    expect(app.router.adjust).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(app.router.adjust.mock.calls).toEqual([[{ zoom: { from, to: from + 300_000 } }]]);
  });

  test("showing the whole is no zoom", () => {
    const span = new Span("machine/press");
    span.show({ ...span.range });
    expect(span.zoomed).toBe(false);
    vi.advanceTimersByTime(300);
    expect(app.router.adjust).toHaveBeenCalledWith({ zoom: undefined });
  });

  test("adopting makes the view the range and forgets the pending zoom", () => {
    const span = new Span("machine/press");
    const { from } = span.range;
    span.show({ from, to: from + HOUR });
    span.adopt();
    vi.advanceTimersByTime(1000);
    expect(app.router.adjust).not.toHaveBeenCalled();
    expect(app.router.go).toHaveBeenCalledWith({ choice: { from, to: from + HOUR }, zoom: undefined });
  });
});

describe("an opened number", () => {
  test("stands still while it is read", () => {
    const held = numberWindow("line/cell");
    const first = held.window;
    expect(first).toEqual({ from: late.start_ms, to: Math.floor(NOW / 1000) * 1000 });
    app.clock.second += HOUR;
    expect(held.window).toEqual(first);
  });

  test("of a machine goes by its own calendar, of all above by the site's", () => {
    numberWindow("machine/press");
    numberWindow("line/cell");
    numberWindow("site/works");
    expect(app.client.shifts.mock.calls.map((call) => call[1])).toEqual(["machine/press", undefined, undefined]);
  });

  test("waits for the calendar, and does without it when the node refuses", () => {
    calendar.data = undefined;
    expect(numberWindow("line/cell").window).toBeUndefined();
    calendar.problem = new Error();
    expect(numberWindow("line/cell").window?.to).toBe(Math.floor(NOW / 1000) * 1000);
  });

  test("is named as people call what it is of", () => {
    app.plant = { name: "Works", areas: [{ id: "hall", name: "Hall 1", lines: [{ id: "cell", name: "Cell A" }] }] };
    app.places.set("press", { machine: { name: "Press" } });
    expect(scopeName("machine/press")).toBe("Press");
    expect(scopeName("machine/gone")).toBe("gone");
    expect(scopeName("line/cell")).toBe("Cell A");
    expect(scopeName("area/hall")).toBe("Hall 1");
    expect(scopeName("area/cell")).toBe("web.unknown");
    expect(scopeName("site/works")).toBe("Works");
  });

  test("has a name in a plant without anything, too", () => {
    expect(scopeName("line/cell")).toBe("web.unknown");
    expect(scopeName("site/works")).toBe("works");
  });
});
