// How much JavaScript the page of a room loads, by the built files themselves, packed as a server sends them.
// What it loads by itself before and in the call counts, the lobby's ticks too, in each language; what is loaded only when something is pressed or has
// gone wrong, and the upload worker, are named in the table and not counted.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { root } from "./rig/place.ts";

/** Everything `/r/…` loads before and in the call, bytes. */
const budget = 60_000;
const web = join(root, "dist/web");

interface Chunk {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
}

const manifest = JSON.parse(readFileSync(join(web, "manifest.json"), "utf8")) as Record<string, Chunk>;

/** The key of a built file that was made of several; its styles are named alike. */
const joint = (name: string) =>
  Object.keys(manifest).find((key) => new RegExp(`^assets/${name}-[\\w-]+\\.js$`).test(manifest[key]!.file)) ?? name;
/** What `main.tsx` and `lobby.tsx` load for a room. */
const code = ["index.html", joint("room"), "pages/lobby/checks.tsx"];
const words = (language: string) => [`pages/words/${language}/common.json`, joint(`words-${language}`)];
/** English refusals need no words of ours. */
const languages = { en: words("en"), de: [...words("de"), "pages/words/de/errors.json"] };

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

const weigh = (keys: Iterable<string>) => [...keys].reduce((sum, key) => sum + packed(manifest[key]!.file), 0);

test("the page of a room loads at most 60 kB of JavaScript in any language, the worker apart", () => {
  for (const entry of [...code, ...Object.values(languages).flat()])
    expect(manifest, `the build knows no ${entry}`).toHaveProperty([entry]);
  const loaded = closure([...code, ...languages.en]);
  const rows = [...loaded].map((key) => [packed(manifest[key]!.file), key] as const).toSorted((a, b) => b[0] - a[0]);
  const sums = Object.entries(languages).map(([language, own]) => [weigh(closure([...code, ...own])), language] as const);
  const own = (key: string) => !key.includes("words") && !/^pages\/(home|solo|upload|review|check|missing)/.test(key);
  const later = [...loaded].flatMap((key) => manifest[key]?.dynamicImports ?? []).filter((key) => !loaded.has(key) && own(key));
  const apart = [...closure([...new Set(later)])].filter((key) => !loaded.has(key));
  const texts = [...loaded].map((key) => readFileSync(join(web, manifest[key]!.file), "utf8"));
  const worker = /assets\/worker-[\w-]+\.js/.exec(texts.join("\n"))?.[0];
  const line = (bytes: number, name: string) => `${String(bytes).padStart(8)}  ${name}`;
  console.log(
    [
      "JavaScript of /r/…, bytes packed:",
      ...rows.map(([bytes, key]) => line(bytes, key)),
      ...sums.map(([bytes, language]) => line(bytes, `together in ${language}, of ${budget}`)),
      "not counted:",
      ...apart.map((key) => line(packed(manifest[key]!.file), `${key} (when it is needed)`)),
      line(packed(worker ?? ""), "the upload worker (by itself, beside the page)"),
    ].join("\n"),
  );
  for (const [bytes, language] of sums) expect(bytes, language).toBeLessThanOrEqual(budget);
});
