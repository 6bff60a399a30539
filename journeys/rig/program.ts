// The server's sources as two plain files, the server and its composing process, built once: it then starts in half the time.
// Promise: the same program; only for tests that start it a thousand times.
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { type Place, place, root } from "./place.ts";

/** `path` of what is returned: what Node is to run. It goes away with `close`. */
export async function buildProgram(): Promise<Place> {
  const folder = place("program");
  const outDir = join(folder.path, "server");
  try {
    const input = { main: join(root, "server/main.ts"), child: join(root, "server/compose/child.ts") };
    await build({
      root,
      configFile: false,
      logLevel: "error",
      build: { ssr: true, outDir, target: "node20", minify: false, rolldownOptions: { input, output: { entryFileNames: "[name].mjs" } } },
    });
    for (const name of ["node_modules", "dist", "package.json"]) symlinkSync(join(root, name), join(folder.path, name));
  } catch (error) {
    folder.close();
    throw error;
  }
  return { path: join(outDir, "main.mjs"), close: folder.close };
}
