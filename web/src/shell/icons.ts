import type { HubIcon } from "../hub/icons";

const OWN = {
  close: "M5 5l14 14M19 5 5 19",
  back: "M14.5 5 7.5 12l7 7",
  forward: "M9.5 5l7 7-7 7",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  reset: "M4 9V4h5M20 15v5h-5M4 4l6 6M20 20l-6-6",
  table: "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14",
  chart: "M4 4v16h16M8 15l4-5 3 3 5-7",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.7 1.7M17.3 17.3 19 19M5 19l1.7-1.7M17.3 6.7 19 5",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5",
  system: "M3 5h18v11H3zM9 20h6M12 16v4",
  alert: "M12 4 2.5 20h19zM12 10v4.5M12 17v.5",
  check: "M5 12.5 10 17.5 19 7",
  wait: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4l3 2",
  cross: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M9 9l6 6M15 9l-6 6",
  plug: "M9 3v5M15 3v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4",
  shield: "M12 3 5 6v5c0 4.5 3 8 7 10 4-2 7-5.5 7-10V6zM9 11.5l2.2 2.2L15.5 9.5",
  people: "M9 4a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.4M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
  leave: "M14 4H5v16h9M10 12h11M17.5 8l4 4-4 4",
  energy: "M13 2 5 14h6l-1 8 8-12h-6z",
  gantt: "M4 6h9M8 12h9M11 18h9",
  book: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11M9 8h6",
  valve: "M4 9v10l16-10v10zM12 14V5M8 5h8",
  hub: "M12 3v10l8 5M12 13l-8 5",
  box: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
  menu: "M4 7h16M4 12h16M4 17h16",
  tally: "M6 5v14M10 5v14M14 5v14M18 5v14M3 16 21 8",
} as const;

/** The lines that icons are drawn of; the screens of a hub bring more of them. */
export const PATHS: Record<string, string> = OWN;

export type IconName = keyof typeof OWN | HubIcon;
