import { fileURLToPath } from "node:url";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const node = process.env.LINESIDE_NODE ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [svelte()],
  resolve: { alias: { "@texts": here("../src/lineside/texts") } },
  build: {
    outDir: here("../src/lineside/api/static"),
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // what the first screen needs is one file: in two it compresses worse
    rolldownOptions: { output: { advancedChunks: { groups: [{ name: "index", test: /src\/main\.ts$/ }] } } },
  },
  server: { fs: { allow: [here("..")] }, proxy: { "/api": { target: node, ws: true } } },
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
