/** Tells a wheel meant for a chart from one that scrolls the page past it. */
const CALM_MS = 350;

export class WheelIntent {
  private scrolled = 0;

  /** Notes when the page scrolls; returns how to stop noting. */
  watch(): () => void {
    const note = (): void => {
      this.scrolled = performance.now();
    };
    window.addEventListener("scroll", note, { passive: true });
    return () => window.removeEventListener("scroll", note);
  }

  /** True for a pinch, and for a wheel turned while the page stands still. */
  means(event: WheelEvent): boolean {
    return event.ctrlKey || performance.now() - this.scrolled > CALM_MS;
  }
}
