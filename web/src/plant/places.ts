/** Where a role may hold at a node: the site, or an area, line or machine. */
import { app } from "../app.svelte";

export const scopes = (): string[] => [
  "site",
  ...(app.plant?.areas ?? []).flatMap((area) => [
    `area/${area.id}`,
    ...area.lines.flatMap((line) => [`line/${line.id}`, ...line.machines.map((machine) => `machine/${machine.id}`)]),
  ]),
];

export function named(scope: string): string | undefined {
  const id = scope.slice(scope.indexOf("/") + 1);
  const known = scope.startsWith("machine/") ? app.places.get(id)?.machine.name : scope.startsWith("line/") ? app.lines.get(id)?.name : undefined;
  return known ?? app.plant?.areas.find((area) => scope === `area/${area.id}`)?.name;
}
