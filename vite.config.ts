// How the pages become files: hashed assets, nothing inlined, so that the page runs under a policy without any `unsafe-*`.
import { defineConfig } from "vite";

export default defineConfig({
  root: "browser",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: ["chrome120", "firefox128", "safari17.5"],
    assetsInlineLimit: 0,
    // The polyfill would be an inline script.
    modulePreload: { polyfill: false },
  },
});
