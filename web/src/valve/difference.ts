/** What became of each value since the last time, from the lines that went and came. */
export type Fate = "new" | "gone" | "changed";

export interface Change {
  name: string;
  fate: Fate;
  before: string;
  now: string;
}

/** A line as its name and value; one without a value is all name. */
function parted(line: string): [string, string] {
  const at = line.indexOf(" = ");
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 3)];
}

/** Pairs a line that went with the next of the same name that came; what is left alone is gone, or new. */
export function changes(difference: readonly string[]): Change[] {
  const found: Change[] = [];
  const gone = new Map<string, Change[]>();
  for (const line of difference.filter((one) => one.startsWith("- "))) {
    const [name, before] = parted(line.slice(2));
    const change: Change = { name, fate: "gone", before, now: "" };
    found.push(change);
    gone.set(name, [...(gone.get(name) ?? []), change]);
  }
  for (const line of difference.filter((one) => one.startsWith("+ "))) {
    const [name, now] = parted(line.slice(2));
    const change = gone.get(name)?.shift();
    if (change) Object.assign(change, { fate: "changed", now });
    else found.push({ name, fate: "new", before: "", now });
  }
  return found;
}
