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
  /** What it is for, in a line. */
  about: () => string;
  /** The permission without which it is not shown; without one it is public. */
  needs?: string;
  /** Whether it is always of one thing, which its address names, so that the header cannot lead there. */
  single?: boolean;
  /** Its component is given the `id` that the address names, empty where it names none. */
  bring: () => Promise<{ default: Component<{ id: string }> | Component }>;
}

export const PAGES: readonly HubPage[] = [
  { name: "surface", icon: "tiles", word: () => h("hub_page.surface"), about: () => h("hub_page.about.surface"), needs: "figures.read", bring: () => import("../surface/SurfacePage.svelte") },
  { name: "line", icon: "bands", word: () => h("hub_page.line"), about: () => h("hub_page.about.line"), needs: "figures.read", bring: () => import("../line/LinePage.svelte") },
  { name: "point", icon: "target", word: () => h("hub_page.point"), about: () => h("hub_page.about.point"), needs: "figures.read", bring: () => import("../point/PointPage.svelte") },
  { name: "members", icon: "works", word: () => h("hub_page.members"), about: () => h("hub_page.about.members"), needs: "members.read", bring: () => import("../members/MembersPage.svelte") },
  { name: "types", icon: "kinds", word: () => h("hub_page.types"), about: () => h("hub_page.about.types"), needs: "plant.read", bring: () => import("./types/TypesPage.svelte") },
  { name: "packs", icon: "box", word: () => h("hub_page.packs"), about: () => h("hub_page.about.packs"), needs: "plant.read", bring: () => import("./packs/PacksPage.svelte") },
  { name: "programmes", icon: "coins", word: () => h("hub_page.programmes"), about: () => h("hub_page.about.programmes"), needs: "plant.read", bring: () => import("./programmes/ProgrammesPage.svelte") },
  { name: "pilots", icon: "split", word: () => h("hub_page.pilots"), about: () => h("hub_page.about.pilots"), needs: "plant.read", bring: () => import("./pilots/PilotsPage.svelte") },
  { name: "laboratory", icon: "flask", word: () => h("hub_page.laboratory"), about: () => h("hub_page.about.laboratory"), needs: "rules.try", bring: () => import("./laboratory/LaboratoryPage.svelte") },
  { name: "oversight", icon: "ask", word: () => h("hub_page.oversight"), about: () => h("hub_page.about.oversight"), needs: "plant.read", bring: () => import("./oversight/OversightPage.svelte") },
  { name: "shocks", icon: "shock", word: () => h("hub_page.shocks"), about: () => h("hub_page.about.shocks"), needs: "plant.read", bring: () => import("./shocks/ShocksPage.svelte") },
  { name: "observatory", icon: "eye", word: () => h("hub_page.observatory"), about: () => h("hub_page.about.observatory"), bring: () => import("../observatory/ObservatoryPage.svelte") },
  { name: "people", icon: "people", word: () => t("web.people"), about: () => h("hub_page.about.people"), needs: "self", bring: () => import("../who/PeoplePage.svelte") },
  { name: "ledger", icon: "book", word: () => t("web.ledger"), about: () => h("hub_page.about.ledger"), needs: "ledger.read", bring: () => import("../ledger/LedgerPage.svelte") },
];
