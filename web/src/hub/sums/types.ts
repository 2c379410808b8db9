/** A secure sum as the hub tells it; `total` is over `members`, in `unit`. */
export interface Sum {
  id: number;
  title: string;
  purpose: string;
  quantity: string;
  indicator: string | null;
  month: string;
  unit: string;
  least: number;
  state: "called" | "running" | "done" | "failed" | "stopped";
  keys: number;
  keys_until_ms: number;
  attempt: number;
  closes_ms: number | null;
  expected: number;
  sent: number;
  total: number | null;
  members: number | null;
  mean: number | null;
  generated: number;
  why: string;
}
