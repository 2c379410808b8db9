/** One topic of the live connection: snapshot, then deltas in sequence. A gap asks for a new snapshot. */
import { merge, type DeepPartial } from "./merge";

/** `time_ms` is the node's clock when it sent the frame. */
export type Frame = { topic: string; seq: number; time_ms: number } & (
  | { kind: "snapshot" | "delta"; data: unknown }
  | { kind: "beat" }
);

export interface TopicState<T> {
  /** Last sequence number taken, or undefined while a snapshot is awaited. */
  seq: number | undefined;
  data: T | undefined;
}

export interface Step<T> {
  state: TopicState<T>;
  /** True when frames were lost: subscribe again. */
  resubscribe: boolean;
}

export const awaiting = <T>(data?: T): TopicState<T> => ({ seq: undefined, data });

/** The topic after `frame`. Until the snapshot has come deltas are dropped; the last known data stays visible. */
export function take<T>(state: TopicState<T>, frame: Frame): Step<T> {
  if (frame.kind === "snapshot") {
    return { state: { seq: frame.seq, data: frame.data as T }, resubscribe: false };
  }
  if (state.seq === undefined || frame.seq <= state.seq) {
    return { state, resubscribe: false };
  }
  if (frame.seq !== state.seq + 1) {
    return { state: awaiting(state.data), resubscribe: true };
  }
  const data = frame.kind === "beat" ? state.data : merge(state.data, frame.data as DeepPartial<T | undefined>);
  return { state: { seq: frame.seq, data }, resubscribe: false };
}
