import { describe, expect, test } from "vitest";
import type { Shift } from "../src/api/types";
import {
  calendarWindow,
  followsClock,
  neighbour,
  PRESETS,
  refreshMs,
  resolve,
  stretches,
  type Choice,
} from "../src/time/range";
import { ticks } from "../src/time/ticks";
import { fromInput, momentOf, offsetMs, productionDay, toInput, wallTime } from "../src/time/zone";

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
const clock = (ms: number, zone: string): string => toInput(ms, zone).slice(11);

describe("the plant's wall clock", () => {
  test("shows local time in any zone, also with half hours", () => {
    expect(toInput(at("2026-11-24T05:00Z"), "Europe/Berlin")).toBe("2026-11-24T06:00");
    expect(toInput(at("2026-11-24T05:00Z"), "Asia/Shanghai")).toBe("2026-11-24T13:00");
    expect(toInput(at("2026-11-24T05:00Z"), "Asia/Kolkata")).toBe("2026-11-24T10:30");
    expect(wallTime(at("2026-11-24T00:00Z"), "UTC").hour).toBe(0);
    expect(offsetMs(at("2026-07-01T12:00:00.750Z"), "Europe/Berlin")).toBe(2 * HOUR);
    expect(offsetMs(-1, "UTC")).toBe(0);
  });

  test("what is typed is the moment it names", () => {
    expect(fromInput("2026-11-24T06:00", "Europe/Berlin")).toBe(at("2026-11-24T05:00Z"));
    expect(fromInput("2026-11-24T06:00:30", "Asia/Shanghai")).toBe(at("2026-11-23T22:00Z"));
    for (const wrong of ["", "null", "2026-11-24", "24.11.2026 06:00"]) expect(fromInput(wrong, "UTC")).toBeUndefined();
  });

  test("an hour that comes twice means its first", () => {
    expect(fromInput("2026-10-25T02:30", "Europe/Berlin")).toBe(at("2026-10-25T00:30Z"));
    expect(fromInput("2026-11-01T01:30", "America/New_York")).toBe(at("2026-11-01T05:30Z"));
  });

  test("a skipped hour means the hour after", () => {
    expect(fromInput("2026-03-29T02:30", "Europe/Berlin")).toBe(at("2026-03-29T01:30Z"));
    expect(clock(fromInput("2026-03-08T02:30", "America/New_York") ?? 0, "America/New_York")).toBe("03:30");
  });

  test("days of 23 and 25 hours have their length", () => {
    const midnight = (day: number, month: number): number =>
      momentOf({ year: 2026, month, day, hour: 0, minute: 0, second: 0 }, "Europe/Berlin");
    expect((midnight(30, 3) - midnight(29, 3)) / HOUR).toBe(23);
    expect((midnight(26, 10) - midnight(25, 10)) / HOUR).toBe(25);
    expect((midnight(25, 11) - midnight(24, 11)) / HOUR).toBe(24);
  });

  test("every quarter hour of a year survives the way there and back", () => {
    for (const zone of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"]) {
      for (let ms = at("2026-01-01T00:00Z"); ms < at("2027-01-01T00:00Z"); ms += 25.25 * HOUR) {
        const back = momentOf(wallTime(ms, zone), zone);
        expect([0, HOUR, HOUR / 2]).toContain(ms - back);
        expect(toInput(back, zone)).toBe(toInput(ms, zone));
      }
    }
  });
});

describe("the production day", () => {
  const at = (hour: number, minute: number): number =>
    momentOf({ year: 2026, month: 3, day: 1, hour, minute, second: 0 }, "Europe/Berlin");

  test.each([
    [0, 24, "2026-02-28"],
    [5, 59, "2026-02-28"],
    [6, 0, "2026-03-01"],
    [23, 59, "2026-03-01"],
  ])("at %i:%i it is the one that has begun", (hour, minute, day) => {
    expect(productionDay(at(hour, minute), "Europe/Berlin", "06:00")).toBe(day);
  });

  test("days back are counted from it", () => {
    expect(productionDay(at(0, 24), "Europe/Berlin", "06:00", 6)).toBe("2026-02-22");
    expect(productionDay(at(0, 24), "Europe/Berlin", "00:00", 6)).toBe("2026-02-23");
  });
});

describe("ticks", () => {
  const berlin = "Europe/Berlin";

  test("stand on round wall-clock times", () => {
    const found = ticks(at("2026-11-24T05:10Z"), at("2026-11-24T13:10Z"), 8, berlin);
    expect(found.map(({ ms }) => clock(ms, berlin))).toEqual([
      "07:00", "08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00",
    ]);
    const kolkata = ticks(at("2026-11-24T00:00Z"), at("2026-11-24T12:00Z"), 6, "Asia/Kolkata");
    expect(kolkata.every(({ ms }) => clock(ms, "Asia/Kolkata").endsWith(":00"))).toBe(true);
  });

  test("say the day at midnight, and seconds only when they are that fine", () => {
    const night = ticks(at("2026-11-23T20:00Z"), at("2026-11-24T04:00Z"), 8, berlin);
    expect(night.filter(({ grain }) => grain === "day").map(({ ms }) => ms)).toEqual([at("2026-11-23T23:00Z")]);
    expect(ticks(0, 20_000, 6, "UTC").slice(1).every(({ grain }) => grain === "second")).toBe(true);
    const years = ticks(at("2020-03-01T00:00Z"), at("2026-11-26T00:00Z"), 10, berlin);
    expect(years.map(({ ms, grain }) => [new Date(ms + 3_600_000).getUTCFullYear(), grain])).toEqual(
      [2021, 2022, 2023, 2024, 2025, 2026].map((year) => [year, "year"]),
    );
    expect(ticks(at("2026-01-15T00:00Z"), at("2026-11-15T00:00Z"), 5, "UTC").map(({ grain }) => grain)).toEqual(["month", "month", "month"]);
    expect(ticks(HOUR, 2 * HOUR, 6, "UTC").every(({ grain }) => grain === "minute")).toBe(true);
  });

  test("on the day of 25 hours they stay in order, and the long hour is drawn as it is", () => {
    const [from, to] = [at("2026-10-24T22:00Z"), at("2026-10-25T23:00Z")];
    const found = ticks(from, to, 25, berlin);
    expect(found.map(({ ms }) => clock(ms, berlin)).slice(0, 5)).toEqual(["00:00", "01:00", "02:00", "03:00", "04:00"]);
    expect((found[3]?.ms ?? 0) - (found[2]?.ms ?? 0)).toBe(2 * HOUR);
    expect(found.at(-1)?.ms).toBe(to);
  });

  test("on the day of 23 hours the skipped hour has no tick of its own", () => {
    const found = ticks(at("2026-03-28T23:00Z"), at("2026-03-29T22:00Z"), 25, berlin);
    expect(found.map(({ ms }) => clock(ms, berlin)).slice(0, 4)).toEqual(["00:00", "01:00", "03:00", "04:00"]);
    const moments = found.map(({ ms }) => ms);
    expect(new Set(moments).size).toBe(moments.length);
  });

  test("are never many, always inside, always in order", () => {
    const start = at("2026-10-20T03:17:23Z");
    for (const span of [500, 10_000, 90_000, HOUR, 8 * HOUR, 26 * HOUR, 168 * HOUR, 336 * HOUR]) {
      for (const most of [2, 5, 12, 40]) {
        const found = ticks(start, start + span, most, berlin);
        if (span <= most * 168 * HOUR) expect(found.length).toBeLessThanOrEqual(most + 1);
        for (const [i, { ms }] of found.entries()) {
          expect(ms).toBeGreaterThanOrEqual(start);
          expect(ms).toBeLessThanOrEqual(start + span);
          if (i) expect(ms).toBeGreaterThan(found[i - 1]?.ms ?? Infinity);
        }
      }
    }
  });
});

describe("the range", () => {
  const shift = (day: string, name: string, from: string, to: string): Shift => ({
    name,
    production_day: day,
    start_ms: at(from),
    end_ms: at(to),
    breaks: [],
  });
  const shifts = [
    shift("2026-11-23", "Early", "2026-11-23T05:00Z", "2026-11-23T13:00Z"),
    shift("2026-11-23", "Late", "2026-11-23T13:00Z", "2026-11-23T21:00Z"),
    shift("2026-11-24", "Early", "2026-11-24T05:00Z", "2026-11-24T13:00Z"),
    shift("2026-11-24", "Late", "2026-11-24T13:00Z", "2026-11-24T21:00Z"),
  ];
  const now = at("2026-11-24T15:00Z");

  test("this shift runs from its beginning until now", () => {
    const found = resolve({ preset: "shift" }, now, shifts);
    expect([found.from, found.to]).toEqual([at("2026-11-24T13:00Z"), now]);
    expect(found.stretch?.name).toBe("Late");
  });

  test("between shifts it is the last one", () => {
    const night = at("2026-11-24T02:00Z");
    expect(resolve({ preset: "shift" }, night, shifts)).toMatchObject({
      from: at("2026-11-23T13:00Z"),
      to: at("2026-11-23T21:00Z"),
    });
  });

  test("a day is all shifts of the production day", () => {
    expect(stretches("day", shifts).map(({ from, to }) => (to - from) / HOUR)).toEqual([16, 16]);
    expect(resolve({ preset: "day", at: at("2026-11-23T06:00Z") }, now, shifts)).toMatchObject({
      from: at("2026-11-23T05:00Z"),
      to: at("2026-11-23T21:00Z"),
    });
  });

  test("without a calendar a shift is the last eight hours", () => {
    expect(resolve({ preset: "shift" }, now, [])).toEqual({ from: now - 8 * HOUR, to: now });
    expect(neighbour({ preset: "shift" }, -1, now, [])).toBeUndefined();
  });

  test("no preset reaches into the future or is empty", () => {
    for (const preset of PRESETS) {
      for (const moment of [undefined, at("2026-11-23T06:00Z"), now + 5 * HOUR]) {
        const { from, to } = resolve(moment === undefined ? { preset } : { preset, at: moment }, now, shifts);
        expect(to).toBeLessThanOrEqual(Math.max(now, from + 1000));
        expect(to).toBeGreaterThan(from);
      }
    }
    const first = at("2026-11-24T13:00Z");
    expect(resolve({ preset: "shift" }, first, shifts)).toMatchObject({ from: first, to: first + 1000 });
  });

  test("a drawn window is taken as it is", () => {
    expect(resolve({ from: 5, to: 10 }, now, shifts)).toEqual({ from: 5, to: 10 });
    expect(followsClock({ from: 5, to: 10 })).toBe(false);
    expect(followsClock({ preset: "8h" })).toBe(true);
    expect(followsClock({ preset: "8h", at: 5 })).toBe(false);
  });

  test("stepping back and forth comes home to what follows the clock", () => {
    for (const preset of PRESETS) {
      const back = neighbour({ preset }, -1, now, shifts);
      expect(back, preset).toBeDefined();
      expect(neighbour(back as Choice, 1, now, shifts), preset).toEqual({ preset });
      expect(neighbour({ preset }, 1, now, shifts), preset).toBeUndefined();
    }
  });

  test("a drawn window steps by its own length, not past now", () => {
    const drawn = { from: now - 4 * HOUR, to: now - 2 * HOUR };
    expect(neighbour(drawn, 1, now, shifts)).toEqual({ from: now - 2 * HOUR, to: now });
    expect(neighbour({ from: now - 2 * HOUR, to: now }, 1, now, shifts)).toBeUndefined();
  });

  test("the calendar asked for covers the window and both neighbours, and stays the same for hours", () => {
    const asked = calendarWindow({ preset: "14d" }, now);
    expect(asked.from).toBeLessThanOrEqual(now - 15 * 24 * HOUR);
    expect(asked.to).toBeGreaterThan(now + 24 * HOUR);
    expect(calendarWindow({ preset: "14d" }, now + HOUR)).toEqual(asked);
  });

  test("long windows are asked for rarely, short ones not all the time", () => {
    expect(refreshMs(HOUR)).toBe(20_000);
    expect(refreshMs(24 * HOUR)).toBe(86_400);
    expect(refreshMs(10_000 * HOUR)).toBe(600_000);
  });
});
