/** What one unit of indicators is worth to a factory a year, by its own people's estimate: kept in this browser alone. */
export class Worth {
  private readonly store: string;
  private readonly money = $state<Record<string, number>>({});

  constructor(member: string) {
    this.store = `lineside.worth.${member}`;
    try {
      this.money = JSON.parse(localStorage.getItem(this.store) ?? "{}") as Record<string, number>;
    } catch {
      localStorage.removeItem(this.store); // somebody else wrote it
    }
  }

  /** Yuan for one unit; undefined where nobody stated any. */
  of(indicator: string): number | undefined {
    return this.money[indicator];
  }

  /** States it, or takes it back. */
  state(indicator: string, yuan: number | undefined): void {
    if (yuan !== undefined && Number.isFinite(yuan) && yuan > 0) this.money[indicator] = yuan;
    else delete this.money[indicator];
    localStorage.setItem(this.store, JSON.stringify(this.money));
  }

  /** As the hub is asked for it. */
  get query(): string | undefined {
    const told = Object.entries(this.money).map(([indicator, yuan]) => `${indicator}:${yuan.toFixed(2)}`);
    return told.length ? told.join(",") : undefined;
  }
}
