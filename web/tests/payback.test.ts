import { describe, expect, test } from "vitest";
import { outward, payback, type Cost } from "../src/payback/payback";

const cost: Cost = { once: { low: 20_000, high: 60_000 }, yearly: { low: 2_000, high: 8_000 } };
const stated = { worth: 4_000, stand: 20 };

describe("a payback", () => {
  test("takes the best of all ranges at one end and the worst at the other", () => {
    const told = payback({ low: -6, high: -3, relative: false }, "lower", cost, stated);
    expect(told).toEqual({ kind: "range", gain: { low: 12_000, high: 24_000 }, soonest: 20_000 / 22_000, latest: 60_000 / 4_000 });
  });

  test("of a share of the level goes by where the factory stands", () => {
    const told = payback({ low: -0.3, high: -0.15, relative: true }, "lower", cost, stated);
    expect(told).toEqual(payback({ low: -6, high: -3, relative: false }, "lower", cost, stated));
  });

  test("has no latest year where it may gain less than it costs", () => {
    expect(payback({ low: 1, high: 10, relative: false }, "higher", cost, stated)).toMatchObject({ kind: "range", latest: null });
  });

  test.each([
    ["open", { low: -3, high: 1, relative: false }, stated],
    ["open", { low: -3, high: 0, relative: false }, stated],
    ["open", { low: null, high: -1, relative: false }, stated],
    ["worse", { low: 1, high: 3, relative: false }, stated],
    ["never", { low: -0.4, high: -0.1, relative: false }, stated],
    ["ask", { low: -3, high: -1, relative: false }, { worth: undefined, stand: 20 }],
    ["ask", { low: -0.3, high: -0.1, relative: true }, { worth: 4_000, stand: undefined }],
    ["open", { low: -0.3, high: 0.1, relative: true }, { worth: undefined, stand: undefined }],
  ] as const)("is %s for %o", (kind, effect, reader) => {
    expect(payback(effect, "lower", cost, reader).kind).toBe(kind);
  });

  test("is rounded outward to a tenth of a year", () => {
    expect([outward(0.9091, "down"), outward(15.01, "up"), outward(0.3, "down"), outward(0.3, "up")]).toEqual([0.9, 15.1, 0.3, 0.3]);
  });
});
