/** What can go wrong with a line, read from its model. */
import type { Shock, Twin } from "./types";

export interface Target {
  kind: Shock["kind"];
  name: string;
  /** The most that can be missing: of a resource its number, of power percent. */
  most?: number;
}

/** Every station and source, every resource that is shared, and power. */
export function targets({ sources = {}, stations, resources = {} }: Twin["model"]): Target[] {
  return [
    ...Object.keys(stations).map((name): Target => ({ kind: "station", name })),
    ...Object.keys(sources).map((name): Target => ({ kind: "source", name })),
    ...Object.entries(resources).map(([name, { count }]): Target => ({ kind: "resource", name, most: count })),
    { kind: "power", name: "", most: 100 },
  ];
}

/** A shock as the node takes it: of power a share is missing. */
export function shockOf({ kind, name, most }: Target, start: number, duration: number, missing: number): Shock {
  const less = most === undefined ? {} : { less: kind === "power" ? missing / 100 : missing };
  return { kind, name, start, duration, ...less };
}
