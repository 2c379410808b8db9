/** An address says everything a view shows: page, range, zoom, signals, opened number, language. */
import { KPIS, type Kpi, type Scope } from "../api/types";
import type { Window } from "../api/client";
import { isLanguage, type Language } from "../texts/catalogue";
import { isPreset, PRESETS, type Choice, type Preset } from "../time/range";

/** Pages of one thing: a machine, a line in the case of its twin, a search or the newest in that of a schedule, a source or all, one entry of the catalogue or all, a release or all, a pack or all. */
const KINDS = ["machine", "tally", "twin", "schedule", "connect", "orders", "energy", "people", "catalogue", "ledger", "valve", "member", "packs"] as const;
/** Those that are pages without one, too. */
const ALONE: readonly string[] = KINDS.slice(3);
/** Pages of a hub. */
export type HubKind = "members" | "surface" | "line" | "point" | "observatory" | "programmes" | "laboratory" | "oversight" | "types" | "pilots" | "packs" | "shocks";
export type Kind = (typeof KINDS)[number] | HubKind;

/** Which pages there are: of one thing each, and those of them that are pages without one, too. */
export interface Pages {
  kinds: readonly Kind[];
  alone: readonly string[];
}

export const OF_NODE: Pages = { kinds: KINDS, alone: ALONE };

export type Page = { name: "plant" } | { name: Kind; id: string } | { name: "unknown" };

export interface Route {
  page: Page;
  choice: Choice;
  zoom?: Window | undefined;
  signals: readonly string[];
  number?: { kpi: Kpi; scope: Scope } | undefined;
  /** What a page of a hub is about, by name. */
  pick?: Picks | undefined;
  language?: Language | undefined;
}

const PICKS = ["indicator", "month", "generated", "find", "state", "industry"] as const;
export type Picks = Partial<Record<(typeof PICKS)[number], string>>;

export const DEFAULT_CHOICE: Choice = { preset: "shift" };

export function parseRoute(url: URL, pages: Pages = OF_NODE): Route {
  const query = url.searchParams;
  const language = query.get("lang");
  return {
    page: parsePage(url.pathname, pages),
    choice: parseChoice(query),
    zoom: parseZoom(query.get("zoom")),
    signals: query.get("signals")?.split(",").filter(Boolean) ?? [],
    number: parseNumber(query),
    pick: parsePick(query),
    language: isLanguage(language) ? language : undefined,
  };
}

function parsePage(path: string, { kinds, alone }: Pages): Page {
  if (path === "/" || path === "" || path === "/login" || path.startsWith("/signed-in/")) return { name: "plant" };
  const found = /^\/(\w+)(?:\/([^/]+))?\/?$/.exec(path);
  const name = kinds.find((kind) => kind === found?.[1]);
  if (!name || !(found?.[2] || alone.includes(name))) return { name: "unknown" };
  try {
    return { name, id: decodeURIComponent(found?.[2] ?? "") };
  } catch {
    return { name: "unknown" };
  }
}

function parseChoice(query: URLSearchParams): Choice {
  const [from, to] = [moment(query.get("from")), moment(query.get("to"))];
  if (from !== undefined && to !== undefined && from < to) return { from, to };
  const preset = query.get("range") as Preset | null;
  if (!preset || !PRESETS.includes(preset)) return DEFAULT_CHOICE;
  const at = moment(query.get("at"));
  return at === undefined ? { preset } : { preset, at };
}

function parseZoom(text: string | null): Window | undefined {
  const [from, to] = (text ?? "").split(",").map((part) => moment(part));
  return from !== undefined && to !== undefined && from < to ? { from, to } : undefined;
}

function parseNumber(query: URLSearchParams): Route["number"] {
  const kpi = query.get("number") as Kpi | null;
  const scope = query.get("scope") ?? "";
  if (!kpi || !KPIS.includes(kpi) || !/^(machine|line|area|site)\/[^/]+$/.test(scope)) return undefined;
  return { kpi, scope: scope as Scope };
}

function parsePick(query: URLSearchParams): Picks | undefined {
  const found = PICKS.flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : []));
  return found.length ? (Object.fromEntries(found) as Picks) : undefined;
}

function moment(text: string | null): number | undefined {
  if (!text) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  return Number.isFinite(ms) ? ms : undefined;
}

const instant = (ms: number): string => new Date(ms).toISOString().replace(/(:00)?\.000Z$/, "Z");

export function formatRoute(route: Route): string {
  const query: string[] = [];
  const put = (name: string, value: string): void => void query.push(`${name}=${encode(value)}`);
  const { page, choice } = route;
  if (!isPreset(choice)) {
    put("from", instant(choice.from));
    put("to", instant(choice.to));
  } else if (choice.preset !== "shift" || choice.at !== undefined) {
    put("range", choice.preset);
    if (choice.at !== undefined) put("at", instant(choice.at));
  }
  if (route.zoom) put("zoom", `${instant(route.zoom.from)},${instant(route.zoom.to)}`);
  if (route.signals.length) put("signals", route.signals.join(","));
  if (route.number) {
    put("number", route.number.kpi);
    put("scope", route.number.scope);
  }
  for (const name of PICKS) if (route.pick?.[name]) put(name, route.pick[name]);
  if (route.language) put("lang", route.language);
  const path = "id" in page ? `/${page.name}/${encodeURIComponent(page.id)}`.replace(/\/$/, "") : "/";
  return query.length ? `${path}?${query.join("&")}` : path;
}

/** Percent-encoding that leaves the readable marks of times and scopes alone. */
const encode = (value: string): string => encodeURIComponent(value).replace(/%(3A|2C|2F)/g, (m) => decodeURIComponent(m));
