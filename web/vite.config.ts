import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const node = process.env.LINESIDE_NODE ?? "http://127.0.0.1:8000";

/** What the pages of point, line and surface all need, so that each asks for a few files and not for dozens. */
const TIERS = /src\/(bands\/(BandAxis|BandBar|Hatches|Key|MadeNote|Marks|Pickers|facts|scale|shade|words)|charts\/(ChartCard|PagedTable))\b/;

/** What the pages of the plant and of a machine both need: it comes with the first file, or each would ask for ten. */
const FIRST = /src\/(main\.ts|lanes\/|api\/resource|time\/ticks|shell\/(Share|StateGlyph|UnitCounts|heard)|number\/(KpiLine|Lacking)|charts\/(Bullet|ChartCard|PagedTable))/;

/** A node and a hub have a page each, built one after the other. Their files are not cut where pages share something. */
const GROUPS = {
  index: [
    { name: "index", test: FIRST },
    { name: "pages", test: /src\/(shell\/(BackToPlant|Refused)|jobs\/watch)/ },
    { name: "machine", test: /src\/machine\/MachinePage/ },
    { name: "connect", test: /src\/connect\/ConnectPage/ },
  ],
  hub: [{ name: "hub", test: /src\/hub\/main\.ts$/ }, { name: "tiers", test: TIERS }],
};

export default defineConfig(({ mode }) => {
  const name = mode === "hub" ? "hub" : "index";
  return {
    plugins: [svelte()],
    resolve: { alias: { "@texts": here("../src/lineside/texts") } },
    build: {
      outDir: here("../src/lineside/api/static"),
      emptyOutDir: name === "index",
      target: "es2023",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // what every first screen needs is one file: in two it compresses worse
      rolldownOptions: { input: here(`${name}.html`), output: { advancedChunks: { groups: GROUPS[name] } } },
    },
    server: { fs: { allow: [here("..")] }, proxy: { "/api": { target: node, ws: true } } },
    test: { include: ["tests/**/*.test.ts"], environment: "node" },
  };
});
