/** What every screen shares, at a node and at a hub: address, language, theme, clock, what it is called, who is here. */
import { asProblem, Client, type Problem } from "./api/client";
import { Router } from "./route/router.svelte";
import { bring, chooseLanguage, say, type Fields, type Key, type Language } from "./texts/catalogue";
import { Formats } from "./texts/format";
import { ThemeChoice } from "./theme/theme.svelte";
import { Clock } from "./time/clock.svelte";
import { wallTime } from "./time/zone";
import { Me } from "./who/me.svelte";

const LANGUAGE_STORE = "lineside.language";

/** Where a role may hold. */
export interface Places {
  /** All there are to choose from, the whole first. */
  scopes(): readonly string[];
  /** What people call one of them. */
  named(scope: string): string | undefined;
}

export abstract class House {
  readonly router = new Router();
  readonly theme = new ThemeChoice();
  readonly clock = new Clock(() => this.skewMs);
  language = $state<Language>("en");
  readonly client = new Client(
    () => this.language,
    () => void this.enter(),
  );
  readonly me = new Me(this.client);
  problem = $state.raw<Problem>();
  private readonly year = $derived(wallTime(this.clock.second, this.zone()).year);
  readonly formats = $derived(new Formats(this.language, this.zone(), this.year));

  /** What people call it; none before that is known. */
  abstract readonly name: string | undefined;
  protected abstract zone(): string;
  /** Its clock minus that of this computer. */
  abstract readonly skewMs: number;
  /** Where roles may hold, for the pages on which they are given. */
  abstract bringPlaces(): Promise<Places>;

  /** Finds out what else there is to know once it is known who is here. */
  protected abstract entered(): Promise<void>;

  async start(): Promise<void> {
    this.router.start();
    this.theme.start();
    this.clock.start();
    const stored = localStorage.getItem(LANGUAGE_STORE);
    const language = chooseLanguage(this.router.route.language, stored, navigator.languages);
    await bring(language);
    this.language = language;
  }

  /** Finds out who is here. */
  async enter(): Promise<void> {
    try {
      await this.me.load();
      this.problem = undefined;
    } catch (cause) {
      this.problem = asProblem(cause);
      return;
    }
    await this.entered();
  }

  async speak(language: Language): Promise<void> {
    await bring(language);
    this.language = language;
    localStorage.setItem(LANGUAGE_STORE, language);
    this.router.adjust({ language });
  }
}

/** The one whose screens these are. */
export let house: House;

export function open(one: House): void {
  house = one;
}

/** The sentence of `key` in the reader's language. */
export const t = (key: Key, fields?: Fields): string => say(house.language, key, fields);
