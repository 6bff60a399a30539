// The server's sources as two plain files, the server and its composing process, built once: it then starts in a fifth of the time.
// Promise: the same program.
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { type Place, place, root } from "./place.ts";

/** `path` of what is returned: what Node is to run. It goes away with `close`. */
export async function buildProgram(): Promise<Place> {
  const folder = place("program");
  try {
    return { path: await buildProgramIn(folder.path), close: folder.close };
  } catch (error) {
    folder.close();
    throw error;
  }
}

/** The file that Node is to run. What lay in the folder is gone. */
export async function buildProgramIn(folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const outDir = join(folder, "server");
  const input = { main: join(root, "server/main.ts"), child: join(root, "server/compose/child.ts") };
  await build({
    root,
    configFile: false,
    logLevel: "error",
    // As build.mjs does: a composing process sees none of the project's packages but FFmpeg's.
    ssr: { noExternal: ["zod", "mediabunny"] },
    build: { ssr: true, outDir, target: "node20", minify: false, rolldownOptions: { input, output: { entryFileNames: "[name].mjs" } } },
  });
  for (const name of ["node_modules", "dist", "rubrics", "scenarios", "package.json"]) symlinkSync(join(root, name), join(folder, name));
  return join(outDir, "main.mjs");
}
