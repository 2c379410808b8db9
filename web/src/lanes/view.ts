/** Moving a view over a range: zoom about a point, pan, never leave the range, never closer than ten seconds. */
import type { Window } from "../api/client";

const CLOSEST_MS = 10_000;

/** `view` moved back into `limits`, whole when it is wider. */
export function within(view: Window, limits: Window): Window {
  const span = Math.min(view.to - view.from, limits.to - limits.from);
  const from = Math.min(Math.max(view.from, limits.from), limits.to - span);
  return { from, to: from + span };
}

/** The view with its span times `factor`, the moment `about` staying where it is. */
export function zoom(view: Window, factor: number, about: number, limits: Window): Window {
  const span = view.to - view.from;
  const next = Math.min(limits.to - limits.from, Math.max(Math.min(CLOSEST_MS, span), span * factor));
  const place = (about - view.from) / span;
  const from = about - place * next;
  return within({ from, to: from + next }, limits);
}

export function pan(view: Window, ms: number, limits: Window): Window {
  return within({ from: view.from + ms, to: view.to + ms }, limits);
}

/** The view moved as little as needed to hold [from, to], or at least its beginning. */
export function reveal(view: Window, from: number, to: number, limits: Window): Window {
  if (from >= view.from && to <= view.to) return view;
  const margin = (view.to - view.from) * 0.1;
  if (from < view.from || to - from > view.to - view.from) return pan(view, from - margin - view.from, limits);
  return pan(view, to + margin - view.to, limits);
}

export const same = (a: Window, b: Window): boolean => a.from === b.from && a.to === b.to;
