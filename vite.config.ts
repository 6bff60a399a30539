// How the pages become files: hashed assets, nothing inlined, so that the page runs under a policy without any `unsafe-*`.
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

/** Stands in for a library's module in the pages, where size counts. */
const ours = (name: string) => fileURLToPath(new URL(`browser/${name}`, import.meta.url));

const shapes: Plugin = {
  name: "shapes",
  enforce: "pre",
  // To describe a shape does nothing else: shapes that no page parses (what browsers send, what lies on the server's disk) are left out.
  transform: (code, id) => (/\/protocol\/[^/]+\.ts$/.test(id) ? code.replace(/\bz\.(?!config\b)(?=\w+\()/g, "/*#__PURE__*/ z.") : null),
};

export default defineConfig({
  root: "browser",
  publicDir: false,
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: {
    alias: [
      { find: "zod/mini", replacement: ours("schema.ts") },
      { find: "i18next", replacement: ours("translate.ts") },
    ],
  },
  plugins: [
    {
      name: "icons",
      enforce: "pre",
      // What draws lucide's icons; the icons themselves stay lucide's.
      resolveId: (name, importer) => (name === "../createLucideIcon.mjs" && importer?.includes("lucide") ? ours("icon.ts") : null),
      // Not needed to draw one: its name, the usual size, and a random key for every line, for lists that change.
      transform: (code, id) =>
        /lucide-preact.*\/icons\//.test(id) ? code.replace(/,\s*key: "\w+"|\bname: "[\w-]+",|\bsize: 24,|__iconData\.node;/g, "") : null,
    },
    shapes,
    {
      name: "preload",
      enforce: "pre",
      load: (id) =>
        id === "\0vite/preload-helper.js" ? `export { preload as __vitePreload } from ${JSON.stringify(ours("preload.ts"))};` : null,
    },
  ],
  worker: { format: "es", plugins: () => [shapes] },
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    target: ["chrome120", "firefox128", "safari17.5"],
    assetsInlineLimit: 0,
    // Which page loads what, for the measure of its size (journeys/size.test.ts).
    manifest: "manifest.json",
    // Few pieces that belong together, in place of twenty that pack worse and come one after the other: what every page has, what a room has, its words.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            {
              name: "base",
              test: /browser\/(icon|preload|schema|translate|pages\/(?!room|capture|fetched|run\.|recording|picture|occasion|state|question|missing|copy|filefield|sending)[^/]+\.tsx?$)|protocol\/(?!api|captions|described|facts|feedback|scenario|timeline|upload|tus|whispers)|node_modules\/@?preact\/|lucide-preact\/dist\/esm\/(?!icons)/,
            },
            {
              name: "room",
              test: /browser\/(call\/(?!hearing)|record(?!\/(clip|freshest|graph|iterations|message|playable|pulse|sightings))|pages\/(lobby\/(?!clip|checks|ways|speed|keeping|insecure|handover|turnedaway|trouble|asides|wronglink)|call\/(?!plate|tick|count|paused|drawer|chat|people|more|keysheet|extras|panel|note|whisper|handover|noway|forhost)|safe\/(?!described|asked|receipt)|(capture|fetched|room|run|recording|picture)\.tsx?$))/,
            },
            ...["en", "de"].map((language) => ({
              name: `words-${language}`,
              test: new RegExp(`pages/words/${language}/(lobby|checks|call|safe)\\.json$`),
            })),
          ],
        },
      },
    },
    // What helps it along would be more code than it saves: a page is three files.
    modulePreload: false,
  },
});
