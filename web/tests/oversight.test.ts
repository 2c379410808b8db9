import { describe as group, expect, test } from "vitest";
import { bands, lanes, listed, reach } from "../src/hub/oversight/bands";
import texts from "../../src/lineside/texts/en/oversight_page.json";

const sources = import.meta.glob<string>("../src/hub/oversight/*.{ts,svelte}", { query: "?raw", import: "default", eager: true });
const DAY = 86_400_000;

group("bands", () => {
  test("are one more than edges, open at both ends", () => {
    expect(bands([1, 2])).toEqual([{ high: 1 }, { low: 1, high: 2 }, { low: 2 }]);
    expect(bands([5])).toEqual([{ high: 5 }, { low: 5 }]);
  });
});

group("the calendar", () => {
  const now = Date.UTC(2026, 10, 20);

  test("goes in whole months over all that is due, and a month ahead", () => {
    const { from, to, months } = reach(now, [now + 100 * DAY]);
    expect(from).toBe(Date.UTC(2026, 10));
    expect(to).toBe(Date.UTC(2027, 3) - 31 * DAY);
    expect(months).toHaveLength(4);
    expect(reach(now, []).months).toEqual([Date.UTC(2026, 10), Date.UTC(2026, 11)]);
  });

  test("forgets what was due more than a quarter ago", () => {
    expect(reach(now, [now - 400 * DAY]).from).toBe(Date.UTC(2026, 10));
    expect(reach(now, [now - 40 * DAY]).from).toBe(Date.UTC(2026, 9));
  });

  test("lays no mark on another", () => {
    const places = [0, 5, 6, 30, 31, 32, 90];
    const rows = lanes(places, 26);
    for (const [a, place] of places.entries())
      for (const [b, other] of places.entries()) if (a < b && rows[a] === rows[b]) expect(other - place).toBeGreaterThanOrEqual(26);
    expect(Math.max(...rows)).toBe(2);
  });
});

group("a list that somebody types", () => {
  test.each([
    ["34, 3443", ["34", "3443"]],
    ["7，12、13", ["7", "12", "13"]],
    [" ", []],
  ])("%s", (text, found) => expect(listed(text)).toEqual(found));
});

group("the texts", () => {
  const keys = Object.keys(texts);
  const asked = [...new Set(Object.values(sources).flatMap((text) => [...text.matchAll(/["'`](oversight_page\.(?:\$\{[^}]*\}|[\w.])+)["'`]/g)].map(([, key]) => key ?? "")))];
  const patterns = asked.map((key) => new RegExp(`^${key.split(/\$\{[^}]*\}/).map((part) => part.replaceAll(".", "\\.")).join("[^.]+")}$`));

  test("hold every key the page asks for, and no other", () => {
    expect(asked.length).toBeGreaterThan(70);
    expect(patterns.filter((pattern) => !keys.some((key) => pattern.test(key))).map(String)).toEqual([]);
    expect(keys.filter((key) => !patterns.some((pattern) => pattern.test(key)))).toEqual([]);
  });
});
