import { describe, expect, test } from "vitest";
import enCommon from "@texts/en/common.json";
import enConnect from "@texts/en/connect_page.json";
import enLine from "@texts/en/line_page.json";
import enMembers from "@texts/en/members_page.json";
import enObjections from "@texts/en/objections_page.json";
import enObservatory from "@texts/en/observatory_page.json";
import enPoint from "@texts/en/point_page.json";
import enSurface from "@texts/en/surface_page.json";
import enTiers from "@texts/en/tiers_page.json";
import enTwin from "@texts/en/twin_page.json";
import enWeb from "@texts/en/web.json";
import zhCommon from "@texts/zh/common.json";
import zhConnect from "@texts/zh/connect_page.json";
import zhLine from "@texts/zh/line_page.json";
import zhMembers from "@texts/zh/members_page.json";
import zhObjections from "@texts/zh/objections_page.json";
import zhObservatory from "@texts/zh/observatory_page.json";
import zhPoint from "@texts/zh/point_page.json";
import zhSurface from "@texts/zh/surface_page.json";
import zhTiers from "@texts/zh/tiers_page.json";
import zhTwin from "@texts/zh/twin_page.json";
import zhWeb from "@texts/zh/web.json";
import { bring, chooseLanguage, isKey, say } from "../src/texts/catalogue";
import { Formats } from "../src/texts/format";

const enHub = { ...enLine, ...enMembers, ...enObjections, ...enObservatory, ...enPoint, ...enSurface, ...enTiers };
const zhHub = { ...zhLine, ...zhMembers, ...zhObjections, ...zhObservatory, ...zhPoint, ...zhSurface, ...zhTiers };
const sources = import.meta.glob<string>("../src/**/*.{ts,svelte}", { query: "?raw", import: "default", eager: true });

/** Every key-like string of the sources as a pattern: `web.theme.${theme}` stands for all that fit it. */
function asked(): RegExp[] {
  const found = new Set<string>();
  for (const text of Object.values(sources)) {
    for (const [, key] of text.matchAll(/["'`]((?:web|twin_page|connect_page|(?:line|members|objections|observatory|point|surface|tiers)_page|state|kpi|loss|element|unit)\.(?:\$\{[^}]*\}|[\w.])*)["'`]/g)) found.add(key ?? "");
  }
  return [...found].map((key) => {
    const parts = key.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\."));
    return new RegExp(`^${parts.join("[^.]+")}$`);
  });
}

describe("the catalogues", () => {
  const keys = Object.keys({ ...enCommon, ...enWeb, ...enTwin, ...enConnect, ...enHub });

  test("the sources were found", () => {
    expect(Object.keys(sources).length).toBeGreaterThan(40);
    expect(asked().length).toBeGreaterThan(100);
  });

  test("hold every key the screens ask for", () => {
    const unknown = asked().filter((pattern) => !keys.some((key) => pattern.test(key)));
    expect(unknown.map(String)).toEqual([]);
  });

  test("hold no key the screens do not ask for", () => {
    const patterns = asked();
    expect(Object.keys({ ...enWeb, ...enTwin, ...enConnect, ...enHub }).filter((key) => !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
  });

  test("name the same keys in the same order in both languages", () => {
    expect(Object.keys(zhWeb)).toEqual(Object.keys(enWeb));
    expect(Object.keys(zhCommon)).toEqual(Object.keys(enCommon));
    expect(Object.keys(zhTwin)).toEqual(Object.keys(enTwin));
    expect(Object.keys(zhConnect)).toEqual(Object.keys(enConnect));
    expect(Object.keys(zhHub)).toEqual(Object.keys(enHub));
  });

  test("fill the same fields in both languages, and none is empty", () => {
    const fields = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();
    const zh: Record<string, string> = { ...zhCommon, ...zhWeb, ...zhTwin, ...zhConnect, ...zhHub };
    for (const [key, text] of Object.entries({ ...enCommon, ...enWeb, ...enTwin, ...enConnect, ...enHub })) {
      expect(fields(zh[key] ?? ""), key).toEqual(fields(text));
      expect(text.trim() && zh[key]?.trim(), key).toBeTruthy();
    }
  });
});

describe("a sentence", () => {
  test("has its fields filled in; one that was not given stays visible", async () => {
    expect(say("en", "web.tile.stale", { age: "5 min" })).toBe("last heard 5 min ago");
    expect(say("en", "web.tile.stale")).toContain("{age}");
    await bring("zh");
    expect(say("zh", "web.tile.stale", { age: 0 })).toContain("0");
  });

  test("a key is one only when a text stands behind it", () => {
    expect(isKey("loss.down")).toBe(true);
    expect(isKey("loss.weather")).toBe(false);
    expect(isKey("toString")).toBe(false);
  });
});

test("the language comes from the address, else what was chosen, else the browser, else English", () => {
  expect(chooseLanguage("zh", "en", ["en"])).toBe("zh");
  expect(chooseLanguage(undefined, "zh", ["en"])).toBe("zh");
  expect(chooseLanguage(undefined, "xx", ["de-DE", "zh-Hans-CN", "en"])).toBe("zh");
  expect(chooseLanguage(undefined, null, ["de-DE"])).toBe("en");
  expect(chooseLanguage(undefined, null, [])).toBe("en");
});

describe("formats", () => {
  const en = new Formats("en", "Europe/Berlin", 2026);
  const zh = new Formats("zh", "Asia/Shanghai", 2026);
  const moment = Date.parse("2026-11-24T23:05:09Z");

  test("times are the plant's, whatever zone the screen is in", () => {
    expect(en.time(moment, "second")).toBe("00:05:09");
    expect(zh.time(moment, "minute")).toBe("07:05");
    expect(en.time(moment, "day")).toContain("25");
    expect(en.zoneName(moment)).toBe("CET");
    expect(en.zoneName(Date.parse("2026-07-01T00:00Z"))).toBe("CEST");
  });

  test("midnight is 00, not 24", () => {
    expect(en.time(Date.parse("2026-11-24T23:00Z"), "minute")).toBe("00:00");
    expect(zh.time(Date.parse("2026-11-24T16:00Z"), "minute")).toBe("00:00");
  });

  test("a production day is a name, not a moment: no zone moves it", () => {
    for (const zone of ["Pacific/Kiritimati", "Pacific/Pago_Pago"]) {
      expect(new Formats("en", zone, 2026).day("2026-11-24")).toMatch(/Tue.*24/);
    }
  });

  test("a span names days only when its ends differ in them", () => {
    const from = Date.parse("2026-11-24T05:00Z");
    expect(en.span(from, from + 8 * 3_600_000)).toBe("06:00 – 14:00");
    expect(en.span(from, from + 24 * 3_600_000)).toMatch(/24.*25/);
  });

  test("what need not be of today names its day, and a document's date its year, too", () => {
    const from = Date.parse("2026-11-24T06:00+01:00");
    expect(en.dated(from, from + 8 * 3_600_000)).toMatch(/24 Nov.*06:00 – 14:00/);
    expect(en.date("2026-12-31")).toBe("31 Dec 2026");
    expect(zh.date("2026-01-01")).toBe("2026年1月1日");
  });

  test.each([
    [0, "0 s"],
    [-3, "0 s"],
    [0.4, "< 1 s"],
    [59.4, "59 s"],
    [59.6, "1 min"],
    [3569, "59 min"],
    [3570, "1 h"],
    [5040, "1 h 24 min"],
    [47 * 3600 + 59 * 60, "47 h 59 min"],
    [48 * 3600, "48 h"],
    [71.8 * 3600, "71 h 48 min"],
    [99.999 * 3600, "100 h"],
    [416.4 * 3600, "416 h"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(en.duration(seconds)).toBe(text);
  });

  test("an age is told in days from two days on", () => {
    expect([3600, 47 * 3600, 49 * 3600, 2425 * 86_400].map((s) => en.age(s))).toEqual(["1 h", "47 h", "2 d", "2,425 d"]);
  });

  test("a date of another year names it, and so does a span that reaches there", () => {
    const [then, now] = [Date.parse("2019-04-07T14:05:00Z"), Date.parse("2026-11-26T00:00Z")];
    expect(en.time(then, "moment")).toContain("2019");
    expect(en.time(then, "minute")).toBe("16:05");
    expect(en.time(now, "moment")).not.toContain("2026");
    expect(en.span(then, now)).toMatch(/2019.*2026/);
    expect(en.span(then, then + 3_600_000)).toMatch(/2019, 16:05 – 17:05/);
    expect(en.day("2019-04-07")).toContain("2019");
    expect(zh.span(then, now)).toMatch(/2019.*2026/);
  });

  test("a share has one decimal and no sign; a measured value the digits its size deserves", () => {
    expect(en.percent(0.6342)).toBe("63.4");
    expect(en.percent(1.2)).toBe("120.0");
    expect([3, 0.1234, 12.345, 123.45, 1234.5].map((v) => en.measure(v))).toEqual(["3", "0.123", "12.35", "123.5", "1,235"]);
  });
});
