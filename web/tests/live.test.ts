import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { backoffMs } from "../src/live/backoff";
import { LiveConnection } from "../src/live/connection.svelte";
import { merge } from "../src/live/merge";
import { steadySkew } from "../src/live/skew";
import { awaiting, take, type Frame } from "../src/live/topic";

const frame = (kind: Frame["kind"], seq: number, data?: unknown, time_ms = Date.now()): Frame =>
  ({ topic: "now", kind, seq, time_ms, ...(kind === "beat" ? {} : { data }) }) as Frame;

describe("merge", () => {
  test("objects merge deeply; lists and null replace", () => {
    const base = { a: { b: 1, c: [1, 2] }, d: { e: 1 } };
    expect(merge<unknown>(base, { a: { c: [3] }, d: null })).toEqual({ a: { b: 1, c: [3] }, d: null });
    expect(merge<unknown>({ d: null }, { d: { e: 1 } })).toEqual({ d: { e: 1 } });
  });

  test("what did not change keeps its identity", () => {
    const base = { press: { state: "down" }, lathe: { state: "running" } };
    const after = merge(base, { press: { state: "running" } });
    expect(after.lathe).toBe(base.lathe);
    expect(after.press).not.toBe(base.press);
    expect(base.press.state).toBe("down");
    expect(merge(base, { press: { state: "down" } })).toBe(base);
  });
});

describe("a topic", () => {
  test("snapshot, then deltas in order", () => {
    let state = take(awaiting<unknown>(), frame("snapshot", 4, { a: 1 })).state;
    state = take(state, frame("delta", 5, { b: 2 })).state;
    expect(state).toEqual({ seq: 5, data: { a: 1, b: 2 } });
  });

  test("a delta before the snapshot is dropped, the last known data stays", () => {
    const step = take(awaiting<unknown>({ old: true }), frame("delta", 9, { b: 2 }));
    expect(step).toEqual({ state: { seq: undefined, data: { old: true } }, resubscribe: false });
  });

  test("a delta the snapshot already holds is dropped", () => {
    const held = { seq: 7, data: { a: 1 } as unknown };
    expect(take(held, frame("delta", 7, { a: 0 }))).toEqual({ state: held, resubscribe: false });
  });

  test("a gap asks once for a new snapshot and takes nothing until it comes", () => {
    const gap = take({ seq: 7, data: { a: 1 } as unknown }, frame("delta", 9, { a: 2 }));
    expect(gap).toEqual({ state: { seq: undefined, data: { a: 1 } }, resubscribe: true });
    const more = take(gap.state, frame("delta", 10, { a: 3 }));
    expect(more).toEqual({ state: gap.state, resubscribe: false });
    expect(take(more.state, frame("snapshot", 10, { a: 3 })).state).toEqual({ seq: 10, data: { a: 3 } });
  });

  test("a beat counts in the sequence, so that a lost one is noticed", () => {
    const beat = take({ seq: 7, data: 1 as unknown }, frame("beat", 8));
    expect(beat.state).toEqual({ seq: 8, data: 1 });
    expect(take(beat.state, frame("beat", 10)).resubscribe).toBe(true);
  });

  test("a node that began again at one is believed", () => {
    expect(take({ seq: 700, data: 1 as unknown }, frame("snapshot", 1, 2)).state).toEqual({ seq: 1, data: 2 });
  });
});

describe("waiting before another attempt", () => {
  test("doubles, stays under a limit, and is spread", () => {
    expect([0, 1, 2, 3].map((n) => backoffMs(n, 0.5))).toEqual([500, 1000, 2000, 4000]);
    expect(backoffMs(50, 1)).toBeLessThanOrEqual(15_000 * 1.15);
    expect(backoffMs(0, 0)).toBeLessThan(backoffMs(0, 1));
    expect(backoffMs(2000, 0.5)).toBe(15_000);
  });
});

test("the skew of the clocks moves only when it is clearly off", () => {
  expect(steadySkew(0, 1300, 1000)).toBe(0);
  expect(steadySkew(0, 61_000, 1000)).toBe(60_000);
  expect(steadySkew(60_000, 61_200, 1000)).toBe(60_000);
  expect(steadySkew(60_000, 1000, 1000)).toBe(0);
});

class Socket {
  static all: Socket[] = [];
  sent: unknown[] = [];
  closed = false;
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;

  constructor(readonly url: string) {
    Socket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
    this.onclose?.({ code: 1000 });
  }

  say(one: Frame): void {
    this.onmessage?.({ data: JSON.stringify(one) });
  }
}

describe("the connection", () => {
  const listeners = new Map<string, () => void>();
  const last = (): Socket => Socket.all.at(-1) as Socket;
  const machine = (state: string) => ({ machines: { press: { state } }, shift: null, lines: {}, areas: {} });
  let live: LiveConnection;
  let refusals: number;

  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000_000 });
    Socket.all = [];
    listeners.clear();
    vi.stubGlobal("WebSocket", Socket);
    vi.stubGlobal("window", {
      addEventListener: (name: string, listener: () => void) => listeners.set(name, listener),
      removeEventListener: (name: string) => listeners.delete(name),
    });
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    live = new LiveConnection("ws://node/api/live", () => refusals++);
    refusals = 0;
    live.open();
  });

  afterEach(() => {
    live.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  function begin(): void {
    last().onopen?.();
    last().say(frame("snapshot", 1, machine("running")));
  }

  test("subscribes once it is open, and is live with the first snapshot", () => {
    expect(live.link).toBe("connecting");
    expect(last().sent).toEqual([]);
    last().onopen?.();
    expect(last().sent).toEqual([{ subscribe: ["now"] }]);
    expect(live.link).toBe("connecting");
    last().say(frame("snapshot", 1, machine("running")));
    expect(live.link).toBe("live");
    expect(live.now?.machines.press?.state).toBe("running");
  });

  test("a gap in the sequence subscribes again and keeps showing what it knew", () => {
    begin();
    last().say(frame("delta", 3, machine("down")));
    expect(last().sent).toHaveLength(2);
    expect(live.now?.machines.press?.state).toBe("running");
    last().say(frame("delta", 4, machine("setup")));
    expect(last().sent).toHaveLength(2);
    last().say(frame("snapshot", 4, machine("setup")));
    expect(live.now?.machines.press?.state).toBe("setup");
    expect(Socket.all).toHaveLength(1);
  });

  test("frames of other topics are not taken", () => {
    begin();
    last().say({ ...frame("snapshot", 1, {}), topic: "jobs" });
    expect(live.now?.machines.press?.state).toBe("running");
  });

  test("who may not listen any more is told at once, and who lost the network is not", () => {
    begin();
    last().onclose?.({ code: 1006 });
    expect(refusals).toBe(0);
    vi.advanceTimersByTime(500);
    last().onclose?.({ code: 4401 });
    expect(refusals).toBe(1);
  });

  test("a lost connection says so, keeps the last data, and comes back with a new snapshot", () => {
    begin();
    last().onclose?.({ code: 1006 });
    expect(live.link).toBe("lost");
    expect(live.silentSince).toBe((live.heardAt ?? NaN) + live.skewMs);
    expect(live.now?.machines.press?.state).toBe("running");
    vi.advanceTimersByTime(499);
    expect(Socket.all).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(Socket.all).toHaveLength(2);
    last().onopen?.();
    expect(live.link).toBe("lost");
    last().say(frame("delta", 2, machine("down")));
    expect(live.now?.machines.press?.state).toBe("running");
    last().say(frame("snapshot", 2, machine("down")));
    expect(live.link).toBe("live");
    expect(live.silentSince).toBeUndefined();
    expect(live.now?.machines.press?.state).toBe("down");
  });

  test("attempts are spaced further and further until one is heard", () => {
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      const before = Date.now();
      const tried = Socket.all.length;
      last().onclose?.({ code: 1006 });
      while (Socket.all.length === tried) vi.advanceTimersByTime(100);
      waits.push(Date.now() - before);
    }
    expect(waits).toEqual([500, 1000, 2000]);
    begin();
    last().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(500);
    expect(Socket.all).toHaveLength(5);
  });

  test("a socket that has gone quiet is stale, is dropped, and another is opened", () => {
    begin();
    vi.advanceTimersByTime(14_000);
    expect(live.link).toBe("live");
    vi.advanceTimersByTime(1_000);
    expect(live.link).toBe("stale");
    expect(last().closed).toBe(true);
    expect(live.now?.machines.press?.state).toBe("running");
    vi.advanceTimersByTime(500);
    expect(Socket.all).toHaveLength(2);
  });

  test("beats keep a quiet plant live", () => {
    begin();
    for (let seq = 2; seq < 8; seq++) {
      vi.advanceTimersByTime(5000);
      last().say(frame("beat", seq));
    }
    expect(live.link).toBe("live");
    expect(Socket.all).toHaveLength(1);
  });

  test("a socket that never says anything is given up, too", () => {
    last().onopen?.();
    vi.advanceTimersByTime(15_000);
    expect(Socket.all[0]?.closed).toBe(true);
    vi.advanceTimersByTime(1000);
    expect(Socket.all).toHaveLength(2);
  });

  test("the network coming back does not wait for the next attempt", () => {
    begin();
    for (let i = 0; i < 6; i++) {
      last().onclose?.({ code: 1006 });
      vi.advanceTimersByTime(20_000);
    }
    last().onclose?.({ code: 1006 });
    const tried = Socket.all.length;
    listeners.get("online")?.();
    expect(Socket.all).toHaveLength(tried + 1);
    vi.advanceTimersByTime(14_000);
    expect(Socket.all).toHaveLength(tried + 1);
  });

  test("knows how far the node's clock is ahead", () => {
    last().onopen?.();
    last().say(frame("snapshot", 1, machine("running"), Date.now() + 90_000));
    expect(live.skewMs).toBe(90_000);
    last().say(frame("beat", 2, undefined, Date.now() + 90_040));
    expect(live.skewMs).toBe(90_000);
  });

  test("a machine that left the plant is null, not a ghost", () => {
    begin();
    last().say(frame("delta", 2, { machines: { press: null } }));
    expect(live.now?.machines.press).toBeNull();
  });

  test("nothing is opened after closing", () => {
    begin();
    live.close();
    vi.advanceTimersByTime(60_000);
    expect(Socket.all).toHaveLength(1);
    expect(last().closed).toBe(true);
  });
});
