/** The time that governs a machine's page: the range of the address, the zoom inside it, and the moment pointed at. */
import { untrack } from "svelte";
import type { Window } from "../api/client";
import { Resource } from "../api/resource.svelte";
import type { Scope, Shift } from "../api/types";
import { app } from "../app.svelte";
import { same, within } from "../lanes/view";
import { calendarWindow, followsClock, refreshMs, resolve } from "../time/range";

const SETTLE_MS = 200;

export class Span {
  /** The moment under the pointer, in whichever chart it is. */
  cursor = $state<number>();
  private zoom = $state.raw<Window | undefined>(app.router.route.zoom);
  private pending: ReturnType<typeof setTimeout> | undefined;
  private readonly calendar: Resource<Shift[]>;

  constructor(scope: Scope) {
    this.calendar = new Resource((signal) => {
      const { from, to } = this.calendarSpan;
      return app.client.shifts({ from, to }, scope, signal);
    });
    $effect(() => {
      this.zoom = app.router.route.zoom;
    });
  }

  private readonly hour = $derived(Math.floor(app.clock.second / 3_600_000) * 3_600_000);
  private readonly calendarKey = $derived(
    Object.values(calendarWindow(app.router.route.choice, this.hour)).join(),
  );
  private get calendarSpan(): Window {
    const [from, to] = this.calendarKey.split(",").map(Number) as [number, number];
    return { from, to };
  }

  get shifts(): readonly Shift[] {
    return this.calendar.data ?? [];
  }

  /** True once the calendar has answered (or refused): before that "this shift" has no window. */
  get known(): boolean {
    return this.calendar.data !== undefined || this.calendar.problem !== undefined;
  }

  /** How often the range is asked for anew; 0 when it stands still. */
  readonly step = $derived.by(() => {
    const choice = app.router.route.choice;
    if (!followsClock(choice)) return 0;
    const { from, to } = resolve(choice, this.hour, this.shifts);
    return refreshMs(to - from);
  });
  /** Steps count from here, so that a page opened just before a round time does not ask for everything twice. */
  private readonly opened = app.clock.second;
  private readonly turn = $derived(`${this.step}/${this.step && Math.floor((app.clock.second - this.opened) / this.step)}`);
  private asked = { turn: "", at: 0 };

  /** Now, as far as asking anew is worth it: a window of two weeks need not be fetched every second. */
  readonly now = $derived.by(() => {
    if (!this.step) return app.clock.second;
    if (this.turn !== this.asked.turn) this.asked = { turn: this.turn, at: untrack(() => app.clock.second) };
    return this.asked.at;
  });

  readonly resolved = $derived(resolve(app.router.route.choice, this.now, this.shifts));
  private readonly key = $derived(`${this.resolved.from},${this.resolved.to}`);

  /** The range, with an identity that changes only when its ends do. */
  readonly range: Window = $derived.by(() => {
    const [from, to] = this.key.split(",").map(Number) as [number, number];
    return { from, to };
  });

  /** True when nothing can have happened in the range yet. */
  readonly future = $derived(this.range.from >= app.clock.second);

  /** What the charts show: the zoom, or the whole range. */
  readonly view: Window = $derived(this.zoom ? within(this.zoom, this.range) : this.range);
  readonly zoomed = $derived(!same(this.view, this.range));

  /** Shows `view`; the address follows when the hand has come to rest. */
  show(view: Window | undefined): void {
    const next = view && same(view, this.range) ? undefined : view;
    this.zoom = next;
    clearTimeout(this.pending);
    this.pending = setTimeout(() => {
      const zoom = next && { from: Math.round(next.from / 1000) * 1000, to: Math.round(next.to / 1000) * 1000 };
      app.router.adjust({ zoom });
    }, SETTLE_MS);
  }

  /** Makes what is shown the range itself, so that every number on the page is about it. */
  adopt(): void {
    clearTimeout(this.pending);
    const { from, to } = this.view;
    app.router.go({ choice: { from: Math.round(from / 1000) * 1000, to: Math.round(to / 1000) * 1000 }, zoom: undefined });
  }
}
