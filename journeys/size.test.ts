// How much JavaScript the page of a room loads, by the built files themselves, packed as a server sends them.
// What is loaded only when something is pressed or has gone wrong is named in the table and not counted.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { root } from "./rig/place.ts";

/** Everything `/r/…` loads before and in the call, bytes. */
const budget = 60_000;
const web = join(root, "dist/web");
/** As `main.tsx` loads them for a room in English, whose refusals need no words of ours. */
const entries = ["index.html", "pages/room.tsx", ...["common", "lobby", "call", "safe"].map((page) => `pages/words/en/${page}.json`)];

interface Chunk {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
}

const manifest = JSON.parse(readFileSync(join(web, "manifest.json"), "utf8")) as Record<string, Chunk>;

/** A chunk and all that comes with it. */
function closure(keys: string[]): Set<string> {
  const found = new Set<string>();
  const visit = (key: string) => {
    if (found.has(key)) return;
    found.add(key);
    for (const next of manifest[key]?.imports ?? []) visit(next);
  };
  for (const key of keys) visit(key);
  return found;
}

const packed = (file: string) => gzipSync(readFileSync(join(web, file)), { level: 9 }).length;

test("the page of a room loads at most 60 kB of JavaScript, the worker apart", () => {
  for (const entry of entries) expect(manifest, `the build knows no ${entry}`).toHaveProperty([entry]);
  const loaded = closure(entries);
  const rows = [...loaded].map((key) => [packed(manifest[key]!.file), key] as const).toSorted((a, b) => b[0] - a[0]);
  const sum = rows.reduce((total, [bytes]) => total + bytes, 0);
  const own = (key: string) => !key.startsWith("pages/words/") && !/^pages\/(home|solo|upload|review|check|missing)/.test(key);
  const later = [...loaded].flatMap((key) => manifest[key]?.dynamicImports ?? []).filter((key) => !loaded.has(key) && own(key));
  const apart = [...closure([...new Set(later)])].filter((key) => !loaded.has(key));
  const worker = readdirSync(join(web, "assets")).find((name) => /^worker-.*\.js$/.test(name)) ?? "";
  const line = (bytes: number, name: string) => `${String(bytes).padStart(8)}  ${name}`;
  console.log(
    [
      "JavaScript of /r/…, bytes packed:",
      ...rows.map(([bytes, key]) => line(bytes, key)),
      line(sum, `together, of ${budget}`),
      "not counted:",
      ...apart.map((key) => line(packed(manifest[key]!.file), `${key} (when it is needed)`)),
      line(packed(`assets/${worker}`), "the upload worker"),
    ].join("\n"),
  );
  expect(sum).toBeLessThanOrEqual(budget);
});
