/** Light, dark, or what the system says. Charts redraw when `painted` changes. */
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORE = "lineside.theme";

export class ThemeChoice {
  chosen = $state<Theme>("system");
  /** The theme that is on screen. */
  painted = $state<"light" | "dark">("light");
  private readonly system = matchMedia("(prefers-color-scheme: dark)");

  start(): void {
    const stored = localStorage.getItem(STORE) as Theme | null;
    this.system.addEventListener("change", () => this.paint());
    this.choose(stored && THEMES.includes(stored) ? stored : "system");
  }

  choose(theme: Theme): void {
    this.chosen = theme;
    if (theme === "system") localStorage.removeItem(STORE);
    else localStorage.setItem(STORE, theme);
    this.paint();
  }

  private paint(): void {
    const dark = this.chosen === "dark" || (this.chosen === "system" && this.system.matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    this.painted = dark ? "dark" : "light";
  }
}
