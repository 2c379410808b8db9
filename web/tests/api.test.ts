import { afterEach, describe, expect, test, vi } from "vitest";
import { address, Client, Problem } from "../src/api/client";
import { decodeSamples, extremes } from "../src/api/samples";

const client = new Client(() => "zh");
const window = { from: 1000.4, to: 2000.4 };

function answer(body: unknown, init: ResponseInit = {}) {
  const fetched = vi.fn(async (_url: string, _options?: RequestInit) => new Response(JSON.stringify(body), init));
  vi.stubGlobal("fetch", fetched);
  return fetched;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

async function refusal(promise: Promise<unknown>): Promise<Problem> {
  const caught: unknown = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(caught).toBeInstanceOf(Problem);
  return caught as Problem;
}

describe("asking the node", () => {
  test("lists repeat their name, what is not given is left out, the rest is escaped", () => {
    expect(address("lanes", { machine: ["a", "b"], by: undefined, from: 5 })).toBe("/api/lanes?machine=a&machine=b&from=5");
    expect(address("plant")).toBe("/api/plant");
    expect(address("texts", { series: "press/A&B+1" })).toBe("/api/texts?series=press%2FA%26B%2B1");
  });

  test("moments are whole milliseconds that hold all of a zoomed view", async () => {
    const fetched = answer({ rows: [], shifts: [] });
    await client.lanes(window, ["press"]);
    await client.kpi("machine/press", window, "shift");
    await client.number("oee", "machine/press", window);
    await client.shifts(window, "machine/press");
    await client.texts("press/mode", window, 10);
    for (const [url] of fetched.mock.calls) expect(url).toContain("from=1000&to=2001");
  });

  test("each question goes where the node answers it", async () => {
    const fetched = answer({ rows: [], shifts: [] });
    await client.plant();
    await client.kpi("line/cell", window, "day");
    await client.number("quality", "site/works", window);
    await client.texts("press/mode", window, 10);
    expect(fetched.mock.calls.map(([url]) => url)).toEqual([
      "/api/plant",
      "/api/kpi?scope=line%2Fcell&from=1000&to=2001&by=day",
      "/api/number?kpi=quality&scope=site%2Fworks&from=1000&to=2001",
      "/api/texts?series=press%2Fmode&from=1000&to=2001&limit=10",
    ]);
  });

  test("in the reader's language", async () => {
    const fetched = answer({});
    await client.plant();
    expect(new Headers(fetched.mock.calls[0]?.[1]?.headers).get("Accept-Language")).toBe("zh");
  });

  test("units counted by hand are posted as JSON", async () => {
    const fetched = answer({}, { status: 201 });
    await client.tally("press", { good: 5, time: "2026-11-26T10:00:00.000123Z" });
    const [url, options] = fetched.mock.calls[0] ?? [];
    expect([url, options?.method, options?.body]).toEqual([
      "/api/tally",
      "POST",
      '{"machine":"press","good":5,"time":"2026-11-26T10:00:00.000123Z"}',
    ]);
    expect(new Headers(options?.headers).get("Content-Type")).toBe("application/json");
  });
});

describe("a refusal", () => {
  test("says what is wrong and how to cure it", async () => {
    answer({ title: "Bad Request", status: 400, detail: "no such scope", cure: "name one of these" }, { status: 400 });
    const problem = await refusal(client.plant());
    expect([problem.status, problem.detail, problem.cure, problem.unreachable]).toEqual([
      400,
      "no such scope",
      "name one of these",
      false,
    ]);
  });

  test("without words of its own has the title, or the status line", async () => {
    answer({ title: "Not Found" }, { status: 404 });
    expect((await refusal(client.plant())).detail).toBe("Not Found");
    vi.stubGlobal("fetch", async () => new Response("<html>", { status: 502, statusText: "Bad Gateway" }));
    const gateway = await refusal(client.plant());
    expect([gateway.detail, gateway.cure]).toEqual(["Bad Gateway", null]);
    answer(["odd"], { status: 500, statusText: "Server" });
    expect((await refusal(client.plant())).detail).toBe("Server");
  });

  test("of the network is a node that does not answer", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed to fetch")));
    expect((await refusal(client.plant())).unreachable).toBe(true);
  });

  test("an abandoned question is no problem of the node", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new DOMException("gone", "AbortError")));
    await expect(client.plant()).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("binary samples", () => {
  function encode(time: number[], value: number[]): ArrayBuffer {
    const view = new DataView(new ArrayBuffer(4 + 16 * time.length));
    view.setInt32(0, time.length, true);
    time.forEach((ms, i) => view.setFloat64(4 + 8 * i, ms, true));
    value.forEach((v, i) => view.setFloat64(4 + 8 * (time.length + i), v, true));
    return view.buffer;
  }

  test("are two columns, with NaN for a gap", () => {
    const { time, value } = decodeSamples(encode([1e12, 1e12 + 0.5], [3.25, NaN]));
    expect([...time]).toEqual([1e12, 1e12 + 0.5]);
    expect([...value]).toEqual([3.25, NaN]);
    expect(decodeSamples(encode([], [])).time).toHaveLength(0);
  });

  test("cut short are refused, not half shown", () => {
    expect(() => decodeSamples(encode([1, 2, 3], [4, 5, 6]).slice(0, 40))).toThrow(RangeError);
    expect(() => decodeSamples(new ArrayBuffer(0))).toThrow(RangeError);
  });

  test("come through the client as they are", async () => {
    vi.stubGlobal("fetch", async () => new Response(encode([5], [7])));
    expect((await client.samples("press/load", window, 300)).value[0]).toBe(7);
  });

  test("in one line of words: ends, last, and how often nothing was known", () => {
    const value = Float64Array.of(NaN, 2, NaN, NaN, -1, 4, NaN);
    expect(extremes({ time: value, value })).toMatchObject({ low: -1, high: 4, last: 4, gaps: 3 });
    const none = Float64Array.of(NaN, NaN);
    expect(extremes({ time: none, value: none })).toBeUndefined();
    expect(extremes({ time: new Float64Array(), value: new Float64Array() })).toBeUndefined();
  });
});
