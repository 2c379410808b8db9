/** What was tapped on the counting pages since this tab was opened. Each tap keeps its time, so sending it again counts once. */
import { asProblem, type Client, type Problem } from "../api/client";

export type Counted = "good" | "rejected";

export interface Tap {
  machine: string;
  kind: Counted;
  amount: number;
  /** When it was tapped; with a random part below the millisecond, so that two screens hardly ever meet. */
  time: string;
  at: number;
  state: "sending" | "counted" | "failed";
  problem?: Problem | undefined;
}

/** A second tap so soon after the first is the bounce of a glove or a double click. */
export const REST_MS = 600;

const instant = (ms: number): string =>
  new Date(ms).toISOString().replace("Z", `${String(Math.floor(Math.random() * 1000)).padStart(3, "0")}Z`);

export class Taps {
  /** The newest first. */
  list = $state.raw<readonly Tap[]>([]);
  private restingUntil = 0;

  constructor(private readonly client: Pick<Client, "tally">) {}

  of(machine: string): readonly Tap[] {
    return this.list.filter((tap) => tap.machine === machine);
  }

  /** Counts `amount`, unless the tap only repeats the one before it. */
  async count(machine: string, kind: Counted, amount: number, now: number): Promise<void> {
    if (now < this.restingUntil) return;
    this.restingUntil = now + REST_MS;
    const tap: Tap = { machine, kind, amount, time: instant(now), at: now, state: "sending" };
    this.list = [tap, ...this.list];
    await this.send(tap);
  }

  /** Sends a tap that failed once more, as of its own time. */
  async again(tap: Tap): Promise<void> {
    await this.send(this.change(tap.time, { state: "sending", problem: undefined }));
  }

  drop(tap: Tap): void {
    this.list = this.list.filter(({ time }) => time !== tap.time);
  }

  private async send({ machine, kind, amount, time }: Tap): Promise<void> {
    try {
      await this.client.tally(machine, { [kind]: amount, time });
      this.change(time, { state: "counted" });
    } catch (cause) {
      this.change(time, { state: "failed", problem: asProblem(cause) });
    }
  }

  private change(time: string, news: Partial<Tap>): Tap {
    this.list = this.list.map((tap) => (tap.time === time ? { ...tap, ...news } : tap));
    return this.list.find((tap) => tap.time === time) as Tap;
  }
}
