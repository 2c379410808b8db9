/** What a release names: patterns over the names of things, and the branches that people pick them from. */
import type { Thing } from "../catalogue/types";

export interface Branch {
  /** The pattern that means all of it. */
  pattern: string;
  /** Its own part of the name. */
  part: string;
  things: Thing[];
  branches: Branch[];
}

const SPECIAL = /[*?[]/g;

/** All things by the parts of their names: kinds, places in them, and so on down to each thing. */
export function branchesOf(things: readonly Thing[], above = ""): Branch[] {
  const parts = new Map<string, Thing[]>();
  for (const thing of things) {
    const part = thing.id.slice(above.length).split("/", 1)[0] ?? "";
    parts.set(part, [...(parts.get(part) ?? []), thing]);
  }
  return [...parts].map(([part, within]) => {
    const path = above + part;
    const deeper = within.filter(({ id }) => id.startsWith(`${path}/`));
    const named = path.replace(SPECIAL, "[$&]");
    if (!deeper.length) return { pattern: named, part, things: within, branches: [] };
    return { pattern: deeper.length < within.length ? `${named}*` : `${named}/*`, part, things: within, branches: branchesOf(deeper, `${path}/`) };
  });
}

/** Whether a name is meant by a pattern, as the node reads it: `*` is anything, `?` one letter. */
export function matcher(pattern: string): (name: string) => boolean {
  const source = pattern.replace(/\[(.)\]|[*?]|[.+^${}()|\\[\]]/g, (found, one: string | undefined) => {
    if (one !== undefined) return one.replace(/\W/, "\\$&");
    return found === "*" ? "[^]*" : found === "?" ? "[^]" : `\\${found}`;
  });
  const expression = new RegExp(`^${source}$`, "u");
  return (name) => expression.test(name);
}

/** The things that any of the patterns means. */
export function meant(things: readonly Thing[], patterns: readonly string[]): Thing[] {
  const tests = patterns.map(matcher);
  return things.filter(({ id }) => tests.some((test) => test(id)));
}
