/** What everybody may know of this hub, asked anew in another language. */
import { Resource } from "../api/resource.svelte";
import { house } from "../house.svelte";
import type { HubFacts, Indicator } from "./types";
import { picked } from "./words";

const FIRST = "oee";

export class Facts extends Resource<HubFacts> {
  /** Those that are compared between factories. */
  readonly compared = $derived(this.data?.indicators.filter((one) => one.compared) ?? []);
  readonly indicators = $derived(new Map(this.data?.indicators.map((one) => [one.id, one])));
  readonly industries = $derived(new Map(this.data?.industries.map(({ code, name }) => [code, name])));
  readonly regions = $derived(new Map(this.data?.regions.map(({ code, name }) => [code, name])));
  readonly sizes = $derived(new Map(this.data?.sizes.map(({ id, name }) => [id, name])));
  /** The one that the address names, else the first to look at. */
  readonly indicator = $derived<Indicator | undefined>(
    this.indicators.get(picked("indicator") ?? FIRST) ?? this.indicators.get(FIRST) ?? this.compared[0],
  );

  constructor() {
    super((signal) => {
      void house.language;
      return house.client.get("hub", {}, signal);
    });
  }

  nameOf(indicator: string): string {
    return this.indicators.get(indicator)?.name ?? indicator;
  }
}
