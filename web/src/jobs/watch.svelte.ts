/** A job of the node, followed until it is over. */
import { asProblem, type Client, type Problem } from "../api/client";

const BEAT_MS = 1000;

export interface Job {
  id: number;
  kind: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  done: number;
  total: number | null;
  message: string;
  error: { key: string; detail: string; cure: string | null } | null;
  submitted_ms: number;
  finished_ms: number | null;
}

export const isOver = ({ state }: Job): boolean => state !== "queued" && state !== "running";

export class JobWatch {
  job = $state.raw<Job>() as Job;
  problem = $state.raw<Problem>();

  constructor(
    private readonly client: Pick<Client, "get" | "send">,
    job: Job,
    over: () => void,
  ) {
    this.job = job;
    $effect(() => {
      const { id } = this.job;
      if (isOver(this.job)) return;
      let gone = false;
      const timer = setTimeout(() => {
        this.client.get<Job>(`jobs/${id}`).then(
          (told) => {
            if (gone) return;
            this.problem = undefined;
            this.job = told;
            if (isOver(told)) over();
          },
          (cause: unknown) => {
            if (gone) return;
            this.problem = asProblem(cause);
            this.job = { ...this.job };
          },
        );
      }, BEAT_MS);
      return () => {
        gone = true;
        clearTimeout(timer);
      };
    });
  }

  async cancel(): Promise<void> {
    try {
      await this.client.send("DELETE", `jobs/${this.job.id}`);
    } catch (cause) {
      this.problem = asProblem(cause);
    }
  }
}
