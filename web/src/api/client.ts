/** Asks the node. Every refusal becomes a Problem that says what is wrong and how to cure it. */
import { decodeSamples, type Samples } from "./samples";
import type { Kpi, Lanes, OpenedNumber, Plant, Row, Scope, Shift, TextSamples } from "./types";

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly cure: string | null,
    /** Each thing that is wrong, where the node tells of several. */
    readonly findings: readonly { path: string; sentence: string; cure: string }[] = [],
    /** What the node calls it. */
    readonly key = "",
  ) {
    super(detail);
  }

  /** True when the node did not answer at all. */
  get unreachable(): boolean {
    return this.status === 0;
  }
}

/** Whatever was thrown, as something a screen can show. */
export const asProblem = (cause: unknown): Problem =>
  cause instanceof Problem ? cause : new Problem(-1, String(cause), null);

export interface Window {
  from: number;
  to: number;
}

/** The node takes whole milliseconds; a zoomed view lies between them. */
const whole = ({ from, to }: Window): Window => ({ from: Math.floor(from), to: Math.ceil(to) });

/** A node that has not answered a tally by then is taken for gone. */
const ANSWER_MS = 10_000;

type Query = Record<string, string | number | readonly string[] | undefined>;

export function address(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one));
  }
  const text = search.toString();
  return text ? `/api/${path}?${text}` : `/api/${path}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => null);
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string): string | null => (typeof fields[name] === "string" ? fields[name] : null);
  return new Problem(response.status, text("detail") ?? text("title") ?? response.statusText, text("cure"), fields.findings as Problem["findings"], text("key") ?? "");
}

/** A client speaks one language: the node answers its sentences in it. */
export class Client {
  /** `unknown` is called when the node does not know any more who asks, or wants to know it better. */
  constructor(
    private readonly language: () => string,
    private readonly unknown: () => void = () => undefined,
  ) {}

  private async ask(url: string, options: RequestInit): Promise<Response> {
    const headers = { "Accept-Language": this.language(), ...options.headers };
    const response = await fetch(url, { ...options, headers }).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
      throw new Problem(0, "", null);
    });
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.key === "trust.who" || problem.key === "trust.second_factor") this.unknown();
    throw problem;
  }

  async get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const response = await this.ask(address(path, query), signal ? { signal } : {});
    return (await response.json()) as T;
  }

  async send<T>(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
    const json = body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const response = await this.ask(address(path), { method, ...json });
    return (await response.json()) as T;
  }

  /** Sends a file as it is. */
  async upload<T>(path: string, query: Query, file: Blob): Promise<T> {
    const headers = { "Content-Type": "application/octet-stream" };
    const response = await this.ask(address(path, query), { method: "POST", headers, body: file });
    return (await response.json()) as T;
  }

  /** Deletes what there is no more to say of. */
  async forget(path: string): Promise<void> {
    await this.ask(address(path), { method: "DELETE" });
  }

  plant(signal?: AbortSignal): Promise<Plant> {
    return this.get("plant", {}, signal);
  }

  lanes(window: Window, machine?: readonly string[], signal?: AbortSignal): Promise<Lanes> {
    return this.get("lanes", { ...whole(window), machine }, signal);
  }

  async kpi(scope: Scope | readonly Scope[], window: Window, by?: "shift" | "day" | "product", signal?: AbortSignal): Promise<Row[]> {
    return (await this.get<{ rows: Row[] }>("kpi", { scope, ...whole(window), by }, signal)).rows;
  }

  number(kpi: Kpi, scope: Scope, window: Window, signal?: AbortSignal): Promise<OpenedNumber> {
    return this.get("number", { kpi, scope, ...whole(window) }, signal);
  }

  async shifts(window: Window, scope?: Scope, signal?: AbortSignal): Promise<Shift[]> {
    return (await this.get<{ shifts: Shift[] }>("shifts", { ...whole(window), scope }, signal)).shifts;
  }

  async samples(series: string, window: Window, points: number, signal?: AbortSignal): Promise<Samples> {
    const url = address("samples", { series, ...whole(window), points });
    const response = await this.ask(url, signal ? { signal } : {});
    return decodeSamples(await response.arrayBuffer());
  }

  texts(series: string, window: Window, limit: number, signal?: AbortSignal): Promise<TextSamples> {
    return this.get("texts", { series, ...whole(window), limit }, signal);
  }

  async tally(machine: string, counted: { good?: number; rejected?: number; time: string }): Promise<void> {
    await this.ask("/api/tally", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      signal: AbortSignal.timeout(ANSWER_MS),
      body: JSON.stringify({ machine, ...counted }),
    });
  }
}
