/** The plant's time on this screen: this computer's clock put right by the node's. */
export class Clock {
  /** Milliseconds since 1970, ticking once a second. */
  second = $state(Date.now());

  constructor(private readonly skewMs: () => number) {}

  start(): void {
    setInterval(() => (this.second = this.read()), 1000);
  }

  read(): number {
    return Date.now() + this.skewMs();
  }
}
