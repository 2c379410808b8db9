/** The one live connection of this tab: reconnects by itself, keeps topics whole, knows when it has gone quiet. */
import { backoffMs } from "./backoff";
import { steadySkew } from "./skew";
import { awaiting, take, type Frame, type TopicState } from "./topic";
import type { Now } from "../api/types";

export type Link = "connecting" | "live" | "stale" | "lost";

const QUIET_MS = 15_000;
const REFUSED = [4401, 4403];

export class LiveConnection {
  /** What the plant is doing, or undefined before the first snapshot. */
  now = $state.raw<Now>();
  link = $state<Link>("connecting");
  /** How often the connection came back: what was asked for before may be out of date since. */
  rejoined = $state(0);
  /** Wall-clock time of this computer when the last frame came. */
  heardAt = $state<number>();
  /** Node clock minus this computer's clock. */
  skewMs = $state(0);

  /** When the node was last heard, by its own clock, while it does not answer; undefined while it does. */
  readonly silentSince = $derived(
    this.heardAt !== undefined && (this.link === "stale" || this.link === "lost") ? this.heardAt + this.skewMs : undefined,
  );

  private topic: TopicState<Now> = awaiting();
  private socket: WebSocket | undefined;
  /** When the socket was opened or last said something. */
  private stirredAt = 0;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setInterval> | undefined;

  /** `refused` is called when the node hangs up on who may not listen any more. */
  constructor(
    private readonly url: string,
    private readonly refused: () => void,
  ) {}

  open(): void {
    if (this.watch !== undefined) return;
    this.watch = setInterval(() => this.checkQuiet(), 1000);
    window.addEventListener("online", this.hurry);
    this.connect();
  }

  close(): void {
    clearInterval(this.watch);
    this.watch = undefined;
    clearTimeout(this.retry);
    window.removeEventListener("online", this.hurry);
    this.drop();
  }

  private readonly hurry = (): void => {
    if (this.socket) return;
    clearTimeout(this.retry);
    this.connect();
  };

  private connect(): void {
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.stirredAt = Date.now();
    socket.onopen = () => {
      this.topic = awaiting(this.now);
      this.subscribe();
    };
    socket.onmessage = (event: MessageEvent<string>) => this.hear(JSON.parse(event.data) as Frame);
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return;
      this.lose();
      if (REFUSED.includes(code)) this.refused();
    };
  }

  private subscribe(): void {
    this.socket?.send(JSON.stringify({ subscribe: ["now"] }));
  }

  private hear(frame: Frame): void {
    if (frame.topic !== "now") return;
    this.heardAt = this.stirredAt = Date.now();
    this.skewMs = steadySkew(this.skewMs, frame.time_ms, this.heardAt);
    this.attempt = 0;
    const { state, resubscribe } = take(this.topic, frame);
    this.topic = state;
    if (resubscribe) this.subscribe();
    if (state.seq !== undefined) {
      if (this.link === "lost" || this.link === "stale") this.rejoined++;
      this.link = "live";
    }
    if (state.data) this.now = state.data;
  }

  /** A socket may stay open and yet carry nothing: after fifteen quiet seconds the screen says so and starts anew. */
  private checkQuiet(): void {
    if (!this.socket || Date.now() - this.stirredAt < QUIET_MS) return;
    const wasLive = this.link === "live";
    this.drop();
    this.lose();
    if (wasLive) this.link = "stale";
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
  }

  private lose(): void {
    this.socket = undefined;
    this.link = this.heardAt === undefined && this.attempt === 0 ? "connecting" : "lost";
    this.retry = setTimeout(() => this.connect(), backoffMs(this.attempt++, Math.random()));
  }
}
