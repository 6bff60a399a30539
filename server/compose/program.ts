// The composing process's program: one plain file, and what it needs to run.
// Promise: it is what the sources say now; from sources it is built before its first use.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Code } from "./fence.ts";

let found: Code | null = null;

export function program(): Code {
  found ??= look();
  return found;
}

function look(): Code {
  const here = dirname(fileURLToPath(import.meta.url));
  // Built together with the server, it lies beside it.
  const beside = join(here, "child.mjs");
  if (existsSync(beside)) return { file: beside, needs: [[realpathSync(here), here], ...modulesAbove(here)] };
  const root = join(here, "../..");
  execFileSync(process.execPath, [join(root, "build.mjs"), "composer"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const folder = join(root, "dist/composer");
  return { file: join(folder, "child.mjs"), needs: [[realpathSync(folder), folder], ...modulesAbove(folder)] };
}

/** FFmpeg as Node finds it from there: its package and the one with the machine's own code; and the font. */
function modulesAbove(folder: string): [string, string][] {
  for (let at = folder; ; at = dirname(at)) {
    const modules = join(at, "node_modules");
    if (existsSync(join(modules, "node-av"))) {
      const real = realpathSync(modules);
      const names = ["node-av", "dejavu-fonts-ttf", ...readdirSync(join(real, "@seydx")).map((name) => `@seydx/${name}`)];
      const pairs = names.map((name): [string, string] => [join(real, name), join(modules, name)]);
      return [...pairs];
    }
    if (dirname(at) === at) throw new Error(`no node-av above ${folder}`);
  }
}
