import { describe, expect, test, vi } from "vitest";
import { Problem, type Client } from "../src/api/client";
import type { MachineNow, Now, OeeNow, Row } from "../src/api/types";
import { sentence } from "../src/number/lack";
import { calls } from "../src/plant/attention";
import { Lacks } from "../src/plant/lacks.svelte";

const machine = (state: MachineNow["state"], since_ms = 0, stale = false): MachineNow => ({
  state,
  since_ms,
  stale,
  age_s: null,
  reason: null,
  product: null,
});
const plant = (machines: Now["machines"]): Now => ({ shift: null, machines, lines: {}, areas: {}, site: {} });

describe("who needs somebody", () => {
  test("down comes first, the longest wait first, then who is not heard", () => {
    const found = calls(
      plant({
        quiet: machine("running", 1, true),
        late: machine("down", 900),
        fine: machine("running"),
        early: machine("down", 100),
        odd: machine("unmapped", 5),
        empty: machine("no_data", 2),
        waiting: machine("starved"),
      }),
    );
    expect(found.map(({ id, need }) => [id, need])).toEqual([
      ["early", "down"],
      ["late", "down"],
      ["quiet", "silent"],
      ["empty", "silent"],
      ["odd", "unmapped"],
    ]);
  });

  test("a machine that was down when it fell silent is silent: nobody knows whether it still is", () => {
    expect(calls(plant({ press: machine("down", 0, true) }))[0]?.need).toBe("silent");
  });

  test("nobody in an empty plant, and nobody who has left it", () => {
    expect(calls(plant({}))).toEqual([]);
    expect(calls(plant({ press: null }))).toEqual([]);
  });
});

test("a sentence begins with a capital, a name as people write it", () => {
  const lack = { code: "x", subject: "machine/ph" as const, effect: "", cure: "" };
  expect(sentence({ ...lack, what: "no unit counters for pH meter" }, "pH meter")).toBe("No unit counters for pH meter");
  expect(sentence({ ...lack, what: "pH meter never ran" }, "pH meter")).toBe("pH meter never ran");
});

describe("what a missing number lacks", () => {
  const missing = (...lacks: string[]): OeeNow => ({
    availability: null,
    effectiveness: null,
    quality: null,
    oee: null,
    coverage: null,
    missing: lacks.length,
    lacks,
  });
  const lack = { code: "ideal", subject: "machine/press" as const, what: "ideal cycle time", effect: "", cure: "" };
  const window = { from: 0, to: 1000 };
  const asking = (answer: () => Promise<Row[]>) => {
    const kpi = vi.fn(answer);
    return { kpi, lacks: new Lacks({ kpi } as unknown as Client) };
  };
  const answered = async () => [{ scope: "line/cell", missing: [lack] } as unknown as Row];

  test("is asked for once, and again for another reason, shift or language", async () => {
    const { kpi, lacks } = asking(answered);
    lacks.want([["line/cell", missing("ideal")]], window, "en");
    lacks.want([["line/cell", missing("ideal")]], { from: 0, to: 2000 }, "en");
    await vi.waitFor(() => expect(lacks.of("line/cell")).toEqual([lack]));
    expect(kpi).toHaveBeenCalledTimes(1);
    lacks.want([["line/cell", missing("counter")]], window, "en");
    lacks.want([["line/cell", missing("counter")]], { from: 500, to: 1000 }, "en");
    lacks.want([["line/cell", missing("counter")]], { from: 500, to: 1000 }, "zh");
    expect(kpi).toHaveBeenCalledTimes(4);
  });

  test("is not asked for when nothing lacks, or nothing was judged yet", () => {
    const { kpi, lacks } = asking(answered);
    lacks.want([["line/cell", { ...missing(), oee: 0.5 }]], window, "en");
    lacks.want([["line/cell", missing()]], window, "en");
    lacks.want([["line/cell", undefined]], window, "en");
    lacks.want([["line/cell", null]], window, "en");
    expect(kpi).not.toHaveBeenCalled();
  });

  test("a node that refuses is not asked with every frame; one that did not answer is", async () => {
    for (const [status, times] of [[400, 1], [0, 2]] as const) {
      const { kpi, lacks } = asking(() => Promise.reject(new Problem(status, "", null)));
      lacks.want([["line/cell", missing("ideal")]], window, "en");
      await new Promise((done) => setTimeout(done));
      lacks.want([["line/cell", missing("ideal")]], window, "en");
      expect(kpi).toHaveBeenCalledTimes(times);
    }
  });
});
