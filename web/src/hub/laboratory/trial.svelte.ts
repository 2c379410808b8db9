/** A change being tried: asked a moment after the last hand moved, and followed to its end where it takes longer. */
import { asProblem, Problem, type Client } from "../../api/client";
import type { Answer, Change, Effect } from "./types";

const SETTLE_MS = 250;
const BEAT_MS = 500;

export class Trial {
  effect = $state.raw<Effect>();
  problem = $state.raw<Problem>();
  busy = $state(false);
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: Pick<Client, "get" | "send">) {}

  /** Asks for the effect of a change; what was asked before does not matter any more. */
  ask(change: Change): void {
    const now = ++this.asked;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(change, now), SETTLE_MS);
    this.busy = true;
  }

  /** Nobody waits for an answer any more. */
  end(): void {
    this.asked++;
    clearTimeout(this.timer);
  }

  private async run(change: Change, now: number): Promise<void> {
    try {
      this.settle(await this.client.send<Answer>("POST", "laboratory", change), now);
    } catch (cause) {
      this.fail(asProblem(cause), now);
    }
  }

  private settle(answer: Answer, now: number): void {
    if (now !== this.asked) return;
    if (answer.effect) {
      this.effect = answer.effect;
      this.problem = undefined;
      this.busy = false;
    } else if (answer.state === "queued" || answer.state === "running") {
      this.timer = setTimeout(() => void this.follow(answer.job ?? 0, now), BEAT_MS);
    } else {
      this.fail(new Problem(-1, answer.problem?.detail ?? "", answer.problem?.cure ?? null), now);
    }
  }

  private async follow(job: number, now: number): Promise<void> {
    try {
      this.settle(await this.client.get<Answer>(`laboratory/${job}`), now);
    } catch (cause) {
      this.fail(asProblem(cause), now);
    }
  }

  private fail(problem: Problem, now: number): void {
    if (now !== this.asked) return;
    this.problem = problem;
    this.busy = false;
  }
}
