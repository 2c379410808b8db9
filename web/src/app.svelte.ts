/** What the screens of a node share: what those of every house do, its plant, live connection, and what was tapped. */
import { asProblem } from "./api/client";
import type { Area, Line, Machine, Plant } from "./api/types";
import { House, open, type Places } from "./house.svelte";
import { LiveConnection } from "./live/connection.svelte";
import { Taps } from "./tally/taps.svelte";

export { t } from "./house.svelte";

export interface Place {
  machine: Machine;
  line: Line;
  area: Area;
}

class App extends House {
  readonly live = new LiveConnection(
    `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`,
    () => void this.enter(),
  );
  readonly taps = new Taps(this.client);
  plant = $state.raw<Plant>();
  readonly places = $derived(placesOf(this.plant));
  readonly lines = $derived(new Map(this.plant?.areas.flatMap(({ lines }) => lines.map((line) => [line.id, line]))));

  get name(): string | undefined {
    return this.plant?.name;
  }

  protected zone(): string {
    return this.plant?.timezone ?? "UTC";
  }

  get skewMs(): number {
    return this.live.skewMs;
  }

  bringPlaces(): Promise<Places> {
    return import("./plant/places");
  }

  /** Whether what the machines do now is told to who is here: to a security officer it is not. */
  get listens(): boolean {
    return this.me.may("facts.read");
  }

  async loadPlant(): Promise<void> {
    if (!this.me.who) return this.enter();
    if (!this.me.inside) return;
    try {
      this.plant = await this.client.plant();
      this.problem = undefined;
    } catch (cause) {
      this.problem = asProblem(cause);
    }
  }

  /** Only who is known is shown the plant. Nothing that was tapped is lost meanwhile. */
  protected async entered(): Promise<void> {
    if (!this.me.inside) this.live.close();
    else {
      if (this.listens) this.live.open();
      else this.live.close();
      await this.loadPlant();
    }
  }
}

function placesOf(plant: Plant | undefined): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const area of plant?.areas ?? [])
    for (const line of area.lines) for (const machine of line.machines) places.set(machine.id, { machine, line, area });
  return places;
}

export const app = new App();
open(app);
