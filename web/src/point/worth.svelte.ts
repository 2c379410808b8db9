/** What its own people estimate of a factory, by indicator, such as what one unit is worth a year: kept in this browser alone. */
export class Worth {
  private readonly store: string;
  private readonly money = $state<Record<string, number>>({});

  constructor(member: string, what: "worth" | "stand" = "worth") {
    this.store = `lineside.${what}.${member}`;
    try {
      this.money = JSON.parse(localStorage.getItem(this.store) ?? "{}") as Record<string, number>;
    } catch {
      localStorage.removeItem(this.store); // somebody else wrote it
    }
  }

  /** Yuan for one unit, or where the factory stands; undefined where nobody stated any. */
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
