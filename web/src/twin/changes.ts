/** What a change does to a line, read from its pointers; and changes read from a person's own file. */
import type { Change, Parameter } from "./types";

export const KINDS = ["cycle", "repair", "failures", "setup", "server", "buffer", "resource", "pallets"] as const;
export type Kind = (typeof KINDS)[number];

/** `amount` is a factor where the change scales, else the new number. */
export interface Doing {
  kind: Kind;
  place: string;
  amount: number;
}

const SCALED: readonly (readonly [Kind, RegExp])[] = [
  ["cycle", /^\/stations\/([^/]+)\/work(?:\/|$)/],
  ["repair", /^\/stations\/([^/]+)\/failures\/[^/]+\/repair$/],
  ["failures", /^\/stations\/([^/]+)\/failures\/[^/]+\/time_to_failure$/],
  ["setup", /^\/stations\/([^/]+)\/setups$/],
];
const SET: readonly (readonly [Kind, RegExp])[] = [
  ["server", /^\/stations\/([^/]+)\/servers$/],
  ["buffer", /^\/(?:stations|buffers)\/([^/]+)(?:\/buffer)?\/capacity$/],
  ["resource", /^\/resources\/([^/]+)\/count$/],
  ["pallets", /^\/pallets\/([^/]+)\/count$/],
];

const plain = (part: string): string => part.replaceAll("~1", "/").replaceAll("~0", "~");

/** What a change does, where it does one thing at one place by one amount; else nothing. */
export function doing(change: Change): Doing | undefined {
  const [scaled, set] = [Object.entries(change.scale ?? {}), Object.entries(change.set ?? {})];
  if (change.remove?.length || (scaled.length && set.length)) return undefined;
  const found = [...scaled, ...set].map(([pointer, amount]): Doing | undefined => {
    for (const [kind, pattern] of scaled.length ? SCALED : SET) {
      const place = pattern.exec(pointer)?.[1];
      if (place !== undefined && typeof amount === "number") return { kind, place: plain(place), amount };
    }
    return undefined;
  });
  const [first] = found;
  const same = found.every((one) => one && one.kind === first?.kind && one.place === first.place && one.amount === first.amount);
  return same ? first : undefined;
}

/** Whether a change bears the name that the node gives to ready-made ones: first the place as it is called, in any language. */
export function isReadyMade(name: string, place: string, called = place): boolean {
  const starts = [place, called, `${called} (${place})`];
  return starts.some((start) => [":", "："].some((colon) => name.startsWith(start + colon)));
}

export interface Offer {
  change: Change;
  doing: Doing;
}

/** Ready-made changes as a table: a row for each place, a column for each kind there is. */
export function offers(changes: readonly Change[]): { kinds: Kind[]; places: string[]; at: (place: string, kind: Kind) => Change | undefined } {
  const known: Offer[] = changes.flatMap((change) => {
    const does = doing(change);
    return does ? [{ change, doing: does }] : [];
  });
  const cells = new Map(known.map(({ change, doing: { place, kind } }) => [`${kind} ${place}`, change]));
  return {
    kinds: KINDS.filter((kind) => known.some((one) => one.doing.kind === kind)),
    places: [...new Set(known.map((one) => one.doing.place))],
    at: (place, kind) => cells.get(`${kind} ${place}`),
  };
}

/** What people change in a line, by what a twin calls it. */
export const MADE = ["work", "setup", "repair", "life", "servers", "places"] as const;
export type Made = (typeof MADE)[number];

/** A change made at a station: times of a kind are so many per cent of before, numbers are now so many. Nothing where it has no such times. */
export function made(parameters: readonly Parameter[], station: string, what: Made, amount: number, name: string): Change | undefined {
  if (!Number.isFinite(amount)) return undefined;
  const place = `/stations/${station.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  if (what === "servers") return { name, set: { [`${place}/servers`]: amount } };
  if (what === "places") return { name, set: { [`${place}/buffer`]: amount } };
  const own = parameters.filter((one) => one.station === station && one.what === what && one.about !== "material");
  return own.length ? { name, scale: Object.fromEntries(own.map(({ path }) => [path, amount / 100])) } : undefined;
}

/** Changes from a person's text: a `lineside.changes/1` document, a list of changes, or one. Undefined where it is none. */
export function readChanges(text: string): Change[] | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
  const held = isObject(read) && Array.isArray(read["changes"]) ? read["changes"] : Array.isArray(read) ? read : [read];
  return held.length && held.every(isChange) ? held : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const isChange = (value: unknown): value is Change =>
  isObject(value) && typeof value["name"] === "string" && ["set", "scale", "remove"].some((key) => isObject(value[key]));
