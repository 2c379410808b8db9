/** The pages of a hub, in the order of the header; each brings its own code and texts. A new one is a line here. */
import type { Component } from "svelte";
import { t } from "../house.svelte";
import type { Kind } from "../route/path";
import type { IconName } from "../shell/icons";
import { h } from "./words";

export interface HubPage {
  name: Kind;
  icon: IconName;
  /** What it is called: `() => h("hub_page.members")`. */
  word: () => string;
  /** The permission without which it is not shown; without one it is public. */
  needs?: string;
  /** Whether it is always of one thing, which its address names, so that the header cannot lead there. */
  single?: boolean;
  /** Its component is given the `id` that the address names, empty where it names none. */
  bring: () => Promise<{ default: Component<{ id: string }> | Component }>;
}

export const PAGES: readonly HubPage[] = [
  { name: "surface", icon: "tiles", word: () => h("hub_page.surface"), needs: "figures.read", bring: () => import("../surface/SurfacePage.svelte") },
  { name: "line", icon: "bands", word: () => h("hub_page.line"), needs: "figures.read", bring: () => import("../line/LinePage.svelte") },
  { name: "point", icon: "target", word: () => h("hub_page.point"), needs: "figures.read", bring: () => import("../point/PointPage.svelte") },
  { name: "members", icon: "works", word: () => h("hub_page.members"), needs: "members.read", bring: () => import("../members/MembersPage.svelte") },
  { name: "types", icon: "kinds", word: () => h("hub_page.types"), needs: "plant.read", bring: () => import("./types/TypesPage.svelte") },
  { name: "packs", icon: "box", word: () => h("hub_page.packs"), needs: "plant.read", bring: () => import("./packs/PacksPage.svelte") },
  { name: "programmes", icon: "coins", word: () => h("hub_page.programmes"), needs: "plant.read", bring: () => import("./programmes/ProgrammesPage.svelte") },
  { name: "pilots", icon: "split", word: () => h("hub_page.pilots"), needs: "plant.read", bring: () => import("./pilots/PilotsPage.svelte") },
  { name: "laboratory", icon: "flask", word: () => h("hub_page.laboratory"), needs: "rules.try", bring: () => import("./laboratory/LaboratoryPage.svelte") },
  { name: "oversight", icon: "ask", word: () => h("hub_page.oversight"), needs: "plant.read", bring: () => import("./oversight/OversightPage.svelte") },
  { name: "shocks", icon: "shock", word: () => h("hub_page.shocks"), needs: "plant.read", bring: () => import("./shocks/ShocksPage.svelte") },
  { name: "observatory", icon: "eye", word: () => h("hub_page.observatory"), bring: () => import("../observatory/ObservatoryPage.svelte") },
  { name: "people", icon: "people", word: () => t("web.people"), needs: "self", bring: () => import("../who/PeoplePage.svelte") },
  { name: "ledger", icon: "book", word: () => t("web.ledger"), needs: "ledger.read", bring: () => import("../ledger/LedgerPage.svelte") },
];
