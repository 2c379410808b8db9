/** Whose number is open, and over which time. */
import { Resource } from "../api/resource.svelte";
import type { Window } from "../api/client";
import type { Scope, Shift } from "../api/types";
import { app, t } from "../app.svelte";
import { calendarWindow, resolve } from "../time/range";

/** The name people call a scope by. */
export function scopeName(scope: Scope): string {
  const [level, id] = scope.split("/") as [string, string];
  if (level === "machine") return app.places.get(id)?.machine.name ?? id;
  if (level === "site") return app.plant?.name ?? id;
  for (const area of app.plant?.areas ?? []) {
    if (level === "area" && area.id === id) return area.name;
    const line = area.lines.find((one) => level === "line" && one.id === id);
    if (line) return line.name;
  }
  return t("web.unknown");
}

/**
 * The page's range, held still while the panel is open: a number being read does not change under the eye.
 * A machine goes by its own calendar, as its tile and its page do; everything above by the site's.
 */
export function numberWindow(scope: Scope): { readonly window: Window | undefined } {
  const opened = app.clock.read();
  const machine = scope.startsWith("machine/") ? scope : undefined;
  const calendar = new Resource<Shift[]>((signal) =>
    app.client.shifts(calendarWindow(app.router.route.choice, opened), machine, signal),
  );
  const key = $derived.by(() => {
    if (!calendar.data && !calendar.problem) return undefined;
    const { from, to } = resolve(app.router.route.choice, Math.floor(opened / 1000) * 1000, calendar.data ?? []);
    return `${from},${to}`;
  });
  const window = $derived.by(() => {
    if (!key) return undefined;
    const [from, to] = key.split(",").map(Number) as [number, number];
    return { from, to };
  });
  return {
    get window() {
      return window;
    },
  };
}
