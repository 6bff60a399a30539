// Builds the pages into dist/web, the composing process into dist/composer and the server into dist/main.mjs, only when their sources changed;
// `node build.mjs composer` the second alone. Promise: none is ever half a build, also when two servers start at once.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

const root = import.meta.dirname;
const web = join(root, "dist/web");
const fresh = join(root, `dist/.web-${process.pid}`);
const old = join(root, `dist/.old-${process.pid}`);

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function stampOf(single, folders) {
  const hash = createHash("sha256");
  const paths = [...single.map((name) => join(root, name)), ...folders.flatMap((folder) => files(join(root, folder)))];
  for (const path of paths) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update("\0");
  }
  return hash.digest("hex");
}

function isBuilt(stamp) {
  const path = join(web, ".stamp");
  return existsSync(path) && readFileSync(path, "utf8") === stamp;
}

/** Pages opened before an update, and a server that still runs, go on finding their parts: names carry a hash, so old and new never clash. */
function keepEarlierAssets() {
  const assets = join(web, "assets");
  const since = Date.now() - 7 * 24 * 3600 * 1000;
  const recent = (path) => statSync(path).isDirectory() || statSync(path).mtimeMs > since;
  if (existsSync(assets))
    cpSync(assets, join(fresh, "assets"), { recursive: true, force: false, preserveTimestamps: true, filter: recent });
}

/** Another process may swap at the same moment: whoever finds the right build in place drops its own. */
function swap(stamp) {
  for (let round = 0; round < 10 && !isBuilt(stamp); round++) {
    try {
      if (existsSync(web)) renameSync(web, old);
      renameSync(fresh, web);
    } catch (error) {
      if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(error.code)) throw error;
    } finally {
      rmSync(old, { recursive: true, force: true });
    }
  }
  if (!isBuilt(stamp)) throw new Error(`${relative(root, web)} could not be put in place`);
}

async function buildPages() {
  const stamp = stampOf(["package-lock.json", "vite.config.ts", "build.mjs"], ["browser", "protocol"]);
  if (isBuilt(stamp)) return;
  try {
    console.log("Building the pages …");
    const { build } = await import("vite");
    mkdirSync(join(root, "dist"), { recursive: true });
    await build({ configFile: join(root, "vite.config.ts"), root: join(root, "browser"), logLevel: "warn", build: { outDir: fresh } });
    keepEarlierAssets();
    writeFileSync(join(fresh, ".stamp"), stamp);
    swap(stamp);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** One plain file that says on its first line what it was made from: it starts in a third of the time, and a composing process needs to see nothing
 * of the project. */
async function buildProgram(source, path, folders) {
  const line = `// ${stampOf(["package-lock.json", "build.mjs"], folders)}\n`;
  const target = join(root, path);
  if (existsSync(target) && readFileSync(target, "utf8").startsWith(line)) return;
  const outDir = join(root, `dist/.${basename(path)}-${process.pid}`);
  try {
    const { build } = await import("vite");
    const rolldownOptions = {
      input: { program: join(root, source) },
      output: { entryFileNames: "[name].mjs", codeSplitting: false },
    };
    const options = { ssr: true, outDir, target: "node20", minify: false, rolldownOptions };
    await build({ root, configFile: false, logLevel: "error", ssr: { noExternal: ["zod", "mediabunny"] }, build: options });
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(join(outDir, "stamped.mjs"), line + readFileSync(join(outDir, "program.mjs"), "utf8"));
    renameSync(join(outDir, "stamped.mjs"), target);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

// Under any other name (a test runner's "test") Vite builds pages with the places of their sources in them, which nobody should be served or measured by.
process.env.NODE_ENV = "production";
try {
  await buildProgram("server/compose/child.ts", "dist/composer/child.mjs", ["server/align", "server/compose", "server/store", "protocol"]);
  if (process.argv[2] !== "composer") {
    await buildPages();
    await buildProgram("server/main.ts", "dist/main.mjs", ["server", "protocol"]);
  }
} catch (error) {
  console.error(`What the program needs could not be built: ${error?.message ?? error}`);
  process.exitCode = 1;
}
