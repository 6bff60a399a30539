// What ARCHITECTURE.md says of imports, names and sizes, read from the files themselves.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = dirname(fileURLToPath(import.meta.url));
const everything = ["protocol", "browser", "server", "journeys", "bench"];

/** Who may import whom, besides a room's own files. A name stands for the folder or the single file, and for all that lies in it. */
const allowed: Record<string, string[]> = {
  protocol: [],
  "browser/call": ["protocol"],
  "browser/record": ["protocol"],
  "browser/upload": ["protocol"],
  "browser/pages": ["protocol", "browser/call", "browser/record", "browser/upload"],
  browser: ["protocol", "browser"],
  "server/store": ["protocol"],
  "server/call": ["protocol", "server/store"],
  "server/ingest": ["protocol", "server/store"],
  "server/align": ["protocol", "server/store"],
  "server/review": ["protocol", "server/store"],
  "server/bundle": ["protocol", "server/store"],
  "server/compose": ["protocol", "server/store", "server/align"],
  // Files beside main.ts without a line of their own.
  server: ["protocol"],
  "server/door.ts": ["protocol", "server/review", "server/store/outofroom.ts"],
  "server/feedback.ts": ["server/door.ts", "protocol", "server/review"],
  "server/roleplay.ts": ["server/door.ts", "protocol", "server/call", "server/review"],
  "server/captioning.ts": ["server/door.ts", "protocol", "server/review"],
  "server/http.ts": [
    "server/door.ts",
    "server/feedback.ts",
    "server/roleplay.ts",
    "server/captioning.ts",
    "protocol",
    "server/call",
    "server/ingest",
    "server/review",
    "server/bundle",
  ],
  "server/main.ts": ["protocol", "server"],
  "server/wiring.ts": ["protocol", "server"],
  "server/doctor": ["protocol", "server/config.ts", "server/call"],
  journeys: everything,
  bench: everything,
  "": [],
};

/** Names that say nothing about what is inside. */
const drawers = /^(utils?|helpers?|common|misc|services?|managers?|types)$/;

interface File {
  path: string;
  lines: string[];
  text: string;
}

const files: File[] = [...everything.flatMap((room) => walk(room)), ...readdirSync(root).filter((name) => /\.(ts|mjs)$/.test(name))].map(
  (path) => {
    const text = readFileSync(join(root, path), "utf8");
    return { path, text, lines: text.split("\n") };
  },
);
const code = files.filter(({ path }) => /\.(ts|tsx|mjs)$/.test(path));

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/(^|\/)(node_modules|dist|out|data)\//.test(`${entry.parentPath}/`))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => /\.(ts|tsx|mjs|css|html)$/.test(path));
}

const within = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

/** The longest name of the table that the path lies in. */
function roomOf(path: string): string {
  const rooms = Object.keys(allowed).filter((room) => room !== "" && within(path, room));
  return rooms.toSorted((a, b) => b.length - a.length)[0] ?? "";
}

/** Every module named by an import, an export from, a dynamic import or a worker's URL. */
function imports(file: File): string[] {
  const patterns = [
    /^\s*(?:import|export)\s[^"';]*?\sfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
    /\bnew URL\(\s*["']([^"']+\.tsx?)["']\s*,\s*import\.meta\.url\s*\)/g,
  ];
  return patterns.flatMap((pattern) => [...file.text.matchAll(pattern)].map((match) => match[1] ?? ""));
}

test("every import crosses only the borders that the table opens", () => {
  const wrong: string[] = [];
  for (const file of code) {
    // A test stands where the file stands that it tests.
    const stand = file.path.replace(/\.test(\.tsx?)$/, "$1");
    const room = roomOf(stand);
    for (const name of imports(file)) {
      if (!name.startsWith(".")) continue;
      const target = posix.normalize(posix.join(posix.dirname(file.path), name));
      const home = room === "" ? false : within(target, room) && roomOf(target) === room;
      if (!home && !(allowed[room] ?? []).some((place) => within(target, place))) wrong.push(`${file.path} → ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("protocol needs neither a browser nor Node", () => {
  const foreign = code
    .filter(({ path }) => within(path, "protocol") && !path.endsWith(".test.ts"))
    .flatMap((file) => imports(file).map((name) => ({ file: file.path, name })))
    .filter(({ name }) => !name.startsWith(".") && !name.startsWith("zod"));
  expect(foreign).toEqual([]);
  const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.protocol.json"), "utf8"));
  expect(compilerOptions.types).toEqual([]);
  expect(compilerOptions.lib.filter((name: string) => name.startsWith("dom"))).toEqual([]);
});

test("no browser file imports a module of Node", () => {
  const wrong = code
    .filter(({ path }) => within(path, "browser") && !/\.test\.tsx?$/.test(path))
    .flatMap((file) => imports(file).map((name) => `${file.path} → ${name}`))
    .filter((line) => line.includes("→ node:"));
  expect(wrong).toEqual([]);
});

test("no file is longer than 400 lines", () => {
  expect(files.filter(({ lines }) => lines.length > 401).map(({ path, lines }) => `${path}: ${lines.length - 1}`)).toEqual([]);
});

test("file names are lower-case and say what is inside", () => {
  const wrong = files
    .map(({ path }) => path)
    .filter((path) => {
      const parts = path.split("/").map((part) => part.replace(/\..*$/, ""));
      return parts.some((part) => drawers.test(part) || !/^[a-z0-9-]+$/.test(part));
    });
  expect(wrong).toEqual([]);
});

test("every file begins by saying what it is for", () => {
  const silent = code.filter(({ path, lines }) => {
    const first = lines[0]?.startsWith("#!") ? lines[1] : lines[0];
    return !/\.test\.tsx?$/.test(path) && !/^(\/\/|\/\*)/.test(first ?? "");
  });
  expect(silent.map(({ path }) => path)).toEqual([]);
});

test("nothing is left out, put off or silenced", () => {
  // Written apart, so that this file does not find itself.
  const marks = [
    ["\\b(it|test|describe)\\.", "(skip|only|todo)\\b"],
    ["TO", "DO\\b"],
    ["FIX", "ME\\b"],
    ["@ts-", "ignore"],
    ["catch *(\\([^)]*\\))? *\\{", " *\\}"],
  ];
  const pattern = new RegExp(marks.map((parts) => parts.join("")).join("|"));
  const found = code.flatMap(({ path, lines }) => lines.flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])));
  expect(found).toEqual([]);
});
