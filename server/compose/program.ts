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
  const own = fileURLToPath(import.meta.url);
  const root = projectAbove(dirname(own));
  // A server that was built was built together with it.
  if (own.endsWith(".ts"))
    execFileSync(process.execPath, [join(root, "build.mjs"), "composer"], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  const folder = join(root, "dist/composer");
  return { file: join(folder, "child.mjs"), needs: [[realpathSync(folder), folder], ...modulesAbove(folder)] };
}

function projectAbove(folder: string): string {
  if (existsSync(join(folder, "package.json")) || dirname(folder) === folder) return folder;
  return projectAbove(dirname(folder));
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
