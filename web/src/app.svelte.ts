/** What every screen shares: address, language, theme, plant, live connection, clock. */
import { asProblem, Client, type Problem } from "./api/client";
import type { Area, Line, Machine, Plant } from "./api/types";
import { LiveConnection } from "./live/connection.svelte";
import { Router } from "./route/router.svelte";
import { Taps } from "./tally/taps.svelte";
import { bring, chooseLanguage, say, type Fields, type Key, type Language } from "./texts/catalogue";
import { Formats } from "./texts/format";
import { ThemeChoice } from "./theme/theme.svelte";
import { Clock } from "./time/clock.svelte";
import { wallTime } from "./time/zone";
import { Me } from "./who/me.svelte";

const LANGUAGE_STORE = "lineside.language";

export interface Place {
  machine: Machine;
  line: Line;
  area: Area;
}

class App {
  readonly router = new Router();
  readonly theme = new ThemeChoice();
  readonly live = new LiveConnection(
    `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`,
    () => void this.enter(),
  );
  readonly clock = new Clock(() => this.live.skewMs);
  language = $state<Language>("en");
  readonly client = new Client(
    () => this.language,
    () => void this.enter(),
  );
  readonly me = new Me(this.client);
  readonly taps = new Taps(this.client);
  plant = $state.raw<Plant>();
  problem = $state.raw<Problem>();
  private readonly zone = $derived(this.plant?.timezone ?? "UTC");
  private readonly year = $derived(wallTime(this.clock.second, this.zone).year);
  readonly formats = $derived(new Formats(this.language, this.zone, this.year));
  readonly places = $derived(placesOf(this.plant));
  readonly lines = $derived(new Map(this.plant?.areas.flatMap(({ lines }) => lines.map((line) => [line.id, line]))));

  /** Whether what the machines do now is told to who is here: to a security officer it is not. */
  get listens(): boolean {
    return this.me.may("facts.read");
  }

  async start(): Promise<void> {
    this.router.start();
    this.theme.start();
    this.clock.start();
    const stored = localStorage.getItem(LANGUAGE_STORE);
    const language = chooseLanguage(this.router.route.language, stored, navigator.languages);
    await bring(language);
    this.language = language;
  }

  /** Finds out who is here; only who is known is shown the plant. Nothing that was tapped is lost meanwhile. */
  async enter(): Promise<void> {
    try {
      await this.me.load();
      this.problem = undefined;
    } catch (cause) {
      this.problem = asProblem(cause);
      return;
    }
    if (!this.me.who?.known) this.live.close();
    else {
      if (this.listens) this.live.open();
      else this.live.close();
      await this.loadPlant();
    }
  }

  async speak(language: Language): Promise<void> {
    await bring(language);
    this.language = language;
    localStorage.setItem(LANGUAGE_STORE, language);
    this.router.adjust({ language });
  }

  async loadPlant(): Promise<void> {
    if (!this.me.who) return this.enter();
    if (!this.me.who.known) return;
    try {
      this.plant = await this.client.plant();
      this.problem = undefined;
    } catch (cause) {
      this.problem = asProblem(cause);
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

/** The sentence of `key` in the reader's language. */
export const t = (key: Key, fields?: Fields): string => say(app.language, key, fields);
