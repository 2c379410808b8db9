import { describe, expect, test, vi } from "vitest";
import { Problem } from "../src/api/client";
import { REST_MS, Taps } from "../src/tally/taps.svelte";

const NOW = Date.parse("2026-11-26T10:00:00.250Z");

describe("counting by hand", () => {
  test("a tap carries the time at which it was tapped", async () => {
    const tally = vi.fn().mockResolvedValue(undefined);
    const taps = new Taps({ tally });
    await taps.count("bench", "good", 50, NOW);
    expect(tally.mock.calls).toEqual([["bench", { good: 50, time: expect.stringMatching(/^2026-11-26T10:00:00\.250\d{3}Z$/) }]]);
    expect(taps.of("bench").map(({ state, amount }) => [state, amount])).toEqual([["counted", 50]]);
    expect(taps.of("press")).toEqual([]);
  });

  test("a double click counts once", async () => {
    const tally = vi.fn().mockResolvedValue(undefined);
    const taps = new Taps({ tally });
    await Promise.all([taps.count("bench", "good", 1, NOW), taps.count("bench", "good", 1, NOW + 120)]);
    await taps.count("bench", "good", 1, NOW + REST_MS);
    expect(tally).toHaveBeenCalledTimes(2);
  });

  test("what failed is sent again as of its own time, or left out", async () => {
    const tally = vi.fn().mockRejectedValueOnce(new Problem(0, "", null)).mockResolvedValue(undefined);
    const taps = new Taps({ tally });
    await taps.count("bench", "rejected", 2, NOW);
    const [failed] = taps.of("bench");
    expect([failed?.state, failed?.problem?.unreachable]).toEqual(["failed", true]);
    if (failed) await taps.again(failed);
    expect(tally.mock.calls[1]).toEqual(tally.mock.calls[0]);
    expect(taps.of("bench")[0]).toMatchObject({ state: "counted", problem: undefined });
    if (failed) taps.drop(failed);
    expect(taps.of("bench")).toEqual([]);
  });
});
