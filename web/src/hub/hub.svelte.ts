/** What the screens of a hub share: what those of every house do, and what it is called. */
import { asProblem } from "../api/client";
import { House, open, type Places } from "../house.svelte";
import { PAGES } from "./pages";
import { h } from "./words";

interface Told {
  name: string;
  /** For who is known. */
  timezone: string | null;
  attention: { sentence: string; cure: string | null }[];
}

class Hub extends House {
  private told = $state.raw<Told>();
  /** Times of a hub are days and months: what this computer's clock says will do. */
  readonly skewMs = 0;

  constructor() {
    super();
    const alone = PAGES.filter(({ single }) => !single);
    this.router.know({ kinds: PAGES.map(({ name }) => name), alone: alone.map(({ name }) => name) });
  }

  get name(): string | undefined {
    return this.told?.name;
  }

  /** What has to be known before what is shown is believed. */
  get attention(): Told["attention"] {
    return this.told?.attention ?? [];
  }

  protected zone(): string {
    return this.told?.timezone ?? "UTC";
  }

  async bringPlaces(): Promise<Places> {
    return {
      scopes: () => ["site"],
      named: (scope) => {
        const name = scope.slice(scope.indexOf("/") + 1);
        if (scope.startsWith("concern/")) return h("hub_page.concern", { name });
        return scope === "site" ? h("hub_page.whole") : h("hub_page.member", { number: name });
      },
    };
  }

  protected async entered(): Promise<void> {
    try {
      this.told = await this.client.get<Told>("house");
    } catch (cause) {
      this.problem = asProblem(cause);
    }
  }
}

export const hub = new Hub();
open(hub);
