// Builds the pages into dist/web, only when their sources changed. Promise: dist/web is never half a build, also when two servers start at once.
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

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

function stampOfSources() {
  const hash = createHash("sha256");
  const single = ["package-lock.json", "vite.config.ts", "build.mjs"].map((name) => join(root, name));
  for (const path of [...single, ...files(join(root, "browser")), ...files(join(root, "protocol"))]) {
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

const stamp = stampOfSources();
if (!isBuilt(stamp)) {
  try {
    console.log("Building the pages …");
    const { build } = await import("vite");
    mkdirSync(join(root, "dist"), { recursive: true });
    await build({ configFile: join(root, "vite.config.ts"), root: join(root, "browser"), logLevel: "warn", build: { outDir: fresh } });
    keepEarlierAssets();
    writeFileSync(join(fresh, ".stamp"), stamp);
    swap(stamp);
  } catch (error) {
    console.error(`The pages could not be built: ${error?.message ?? error}`);
    process.exitCode = 1;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
