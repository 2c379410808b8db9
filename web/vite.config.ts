import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const node = process.env.LINESIDE_NODE ?? "http://127.0.0.1:8000";

/** What the pages of point, line and surface all need, so that each asks for a few files and not for dozens. */
const TIERS = /src\/(bands\/(BandAxis|BandBar|Hatches|Key|MadeNote|Marks|Pickers|facts|scale|shade|words)|charts\/(ChartCard|PagedTable))\b/;

/** A node and a hub have a page each. They are built one after the other, so that each is one file at first. */
const ENTRIES = { production: ["index", "src/main.ts"], hub: ["hub", "src/hub/main.ts"] } as const;

export default defineConfig(({ mode }) => {
  const [name, main] = mode === "hub" ? ENTRIES.hub : ENTRIES.production;
  return {
    plugins: [svelte()],
    resolve: { alias: { "@texts": here("../src/lineside/texts") } },
    build: {
      outDir: here("../src/lineside/api/static"),
      emptyOutDir: name === "index",
      target: "es2023",
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // what the first screen needs is one file: in two it compresses worse
      rolldownOptions: { input: here(`${name}.html`), output: { advancedChunks: { groups: [{ name, test: new RegExp(`${main}$`) }, ...(mode === "hub" ? [{ name: "tiers", test: TIERS }] : [])] } } },
    },
    server: { fs: { allow: [here("..")] }, proxy: { "/api": { target: node, ws: true } } },
    test: { include: ["tests/**/*.test.ts"], environment: "node" },
  };
});
