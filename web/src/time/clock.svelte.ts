/** The plant's time on this screen: this computer's clock put right by the node's. */
export class Clock {
  /** Milliseconds since 1970, ticking once a second. */
  second = $state(Date.now());
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly skewMs: () => number) {}

  start(): void {
    this.timer = setInterval(() => (this.second = this.read()), 1000);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  read(): number {
    return Date.now() + this.skewMs();
  }
}
