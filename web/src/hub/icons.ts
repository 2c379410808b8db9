/** The icons that a hub alone has: a node does not carry them. */
import { PATHS } from "../shell/icons";

const HUB = {
  tiles: "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
  bands: "M3 6h18M3 12h18M3 18h18M8 4v4M15 10v4M11 16v4",
  target: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 1.5V6M12 18v4.5M1.5 12H6M18 12h4.5",
  works: "M3 20V9l6 4V9l6 4V4h4l2 16zM8 17h2M13 17h2",
  eye: "M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  kinds: "M12 3l4 7H8zM4 14h7v7H4zM17.5 13.5a4 4 0 1 0 0 8 4 4 0 0 0 0-8",
  coins: "M9 4c3 0 5 1 5 2.5S12 9 9 9 4 8 4 6.5 6 4 9 4M4 6.5v5C4 13 6 14 9 14M14 6.5V9M15 10c3 0 5 1 5 2.5S18 15 15 15s-5-1-5-2.5S12 10 15 10M10 12.5v5c0 1.5 2 2.5 5 2.5s5-1 5-2.5v-5",
  box: "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9M8 5.2l8 4.6",
  flask: "M9 3h6M10 3v6l-5.5 9.5A1.5 1.5 0 0 0 6 21h12a1.5 1.5 0 0 0 1.5-2.5L14 9V3M7.5 15h9",
  split: "M3 13h8M11 13l9-7M11 13l9 6M11 4v3M11 9.5v0M11 16.5v3.5",
  ask: "M4 4h16v12h-9l-5 4v-4H4zM9.8 8.2a2.2 2.2 0 1 1 3 2c-.6.3-.8.6-.8 1.3M12 13.6v.4",
  shock: "M3 12h4l2.5-7 4 14 2.5-9 1.5 2H21",
} as const;

export type HubIcon = keyof typeof HUB;

Object.assign(PATHS, HUB);
