import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { packPlate } from "../../protocol/plate.ts";
import { Composer, type Input } from "./composer.ts";
import { Footage } from "./decode.ts";
import { blue, red, segmentOf, timelineWith, webmOf } from "./footage.fixture.ts";
import { layoutOf, type Rect } from "./layout.ts";
import { windowsFolder } from "./ledger.ts";
import { SegmentFile } from "./source.ts";

const canvas = { width: 320, height: 180 };
const id = "rec_00000000000000000000000001";
const tone = { hz: 300, gain: () => 0.3 };
const ann = webmOf({ seconds: 8, colour: () => red, tone });
const ben = webmOf({ seconds: 8, colour: () => blue });
const log = pino({ level: process.env.DOUBLETAKE_TEST_LOG ?? "silent" });

let root: string;
let folder: string;
let input: Input | null;
let composer: Composer;
let changes: number;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "composer-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(join(root, "recording-"));
  writeFileSync(join(folder, "ann.webm"), ann);
  writeFileSync(join(folder, "ben.webm"), ben);
  changes = 0;
  composer = make();
});
afterEach(() => composer.close());

function make(): Composer {
  return new Composer({
    input: () => input,
    canvas,
    log,
    onChange: () => {
      changes += 1;
    },
  });
}

/** A recording of Ann and, unless said otherwise, Ben. */
function recording(durationMs: number | null, more: Partial<Input> = {}, benEndMs: number | null = 8000): Input {
  const open = durationMs === null ? { sealed: false } : {};
  const tracks = { Ann: [segmentOf("ann.webm", ann.length, 0, 8000, open)] };
  const both = benEndMs === null ? tracks : { ...tracks, Ben: [segmentOf("ben.webm", ben.length, 0, benEndMs, open)] };
  return { timeline: timelineWith(durationMs, both), watermarkMs: 8000, complete: durationMs !== null, folder, ...more };
}

const state = () => composer.stateOf(id, folder);
const file = (name: string) => readFileSync(join(folder, windowsFolder, name));
const until = (what: () => void) => vi.waitFor(what, { timeout: 50_000, interval: 20 });

async function compose(next: Input): Promise<void> {
  input = next;
  composer.advance(id);
  await until(() => expect(state().state).toBe("ready"));
}

test("windows are composed as far as the watermark allows; at the end the film is one file", { timeout: 60_000 }, async () => {
  expect(state()).toEqual({ state: "waiting", watermarkMs: 0, readyAt: null, problems: [], troubles: [], windows: 0 });
  input = recording(null, { watermarkMs: 6450 });
  composer.advance(id);
  await until(() => expect(state()).toMatchObject({ state: "growing", watermarkMs: 3200 }));
  input = recording(null, { watermarkMs: 6500 });
  composer.advance(id);
  await until(() => expect(state()).toMatchObject({ state: "growing", watermarkMs: 6400 }));
  await until(() => expect(file("playlist.m3u8").toString()).toMatch(/1\.m4s\n$/));
  await compose(recording(7000));
  expect(state()).toMatchObject({ watermarkMs: 7000, problems: [] });
  expect(changes).toBe(4);
  expect(file("playlist.m3u8").toString()).toMatch(/2\.m4s\n#EXT-X-ENDLIST\n$/);
  const files = composer.filmFiles(id, folder)!;
  expect(files.map((path) => path.slice(folder.length + 1))).toEqual([
    "side-by-side.head",
    ...[0, 1, 2].map((index) => `${windowsFolder}/${index}.m4s`),
  ]);
  const head = readFileSync(files[0]!);
  const bytes = files.slice(1).reduce((sum, path) => sum + statSync(path).size, 16);
  expect(Number(head.readBigUInt64BE(head.length - 8))).toBe(bytes);
  expect(readdirSync(join(folder, windowsFolder)).sort()).toEqual([
    "0.jpg",
    "0.m4s",
    "1.jpg",
    "1.m4s",
    "2.jpg",
    "2.m4s",
    "init.mp4",
    "playlist.m3u8",
    "windows.json",
  ]);
});

test("another composer goes on at the first missing window, and the film is the same to the byte", { timeout: 60_000 }, async () => {
  await compose(recording(7000));
  const whole = composer.filmFiles(id, folder)!.map((path) => readFileSync(path));
  await composer.close();

  const other = mkdtempSync(join(root, "recording-"));
  for (const name of ["ann.webm", "ben.webm"]) writeFileSync(join(other, name), readFileSync(join(folder, name)));
  folder = other;
  composer = make();
  input = recording(null, { watermarkMs: 3300 });
  composer.advance(id);
  await until(() => expect(state().watermarkMs).toBe(3200));
  await composer.close();
  const first = statSync(join(folder, windowsFolder, "0.m4s")).mtimeMs;

  composer = make();
  expect(state()).toMatchObject({ state: "growing", watermarkMs: 3200 });
  await compose(recording(7000));
  expect(statSync(join(folder, windowsFolder, "0.m4s")).mtimeMs).toBe(first);
  for (const [index, path] of composer.filmFiles(id, folder)!.entries()) expect(readFileSync(path).equals(whole[index]!)).toBe(true);
});

test("data that come late change only the windows they touch, under new names", { timeout: 60_000 }, async () => {
  await compose(recording(8000, {}, 4000));
  const firstReady = state().readyAt;
  input = recording(8000, { complete: false }, 4000);
  composer.advance(id);
  await until(() => expect(state()).toMatchObject({ state: "growing", readyAt: null, watermarkMs: 8000 }));
  await compose(recording(8000));
  expect(state().readyAt).not.toBe(firstReady);
  expect(composer.filmFiles(id, folder)!.map((path) => path.split("/").at(-1))).toEqual([
    "side-by-side.head",
    "0.m4s",
    "1.1.m4s",
    "2.1.m4s",
  ]);
});

test("whoever downloads a film that becomes another one gets it to its end; what nobody can have is gone at once, the rest later", {
  timeout: 60_000,
}, async () => {
  await compose(recording(8000, {}, 4000));
  const { windows: former } = composer.film(id, folder)!;
  writeFileSync(join(folder, windowsFolder, "7.m4s"), "of a process that was killed");
  input = recording(8000, { complete: false }, 4000);
  composer.advance(id);
  await until(() => expect(state().readyAt).toBeNull());
  await compose(recording(8000));
  const { windows } = composer.film(id, folder)!;
  expect(former.filter(({ path }) => windows.some((window) => window.path === path))).toHaveLength(1);
  expect(former.map(({ path }) => statSync(path).size)).toEqual(former.map(({ bytes }) => bytes));
  expect(existsSync(join(folder, windowsFolder, "7.m4s"))).toBe(false);
  // An hour later.
  const list = JSON.parse(file("windows.json").toString());
  expect(Date.parse(list.former.until) - Date.now()).toBeGreaterThan(59 * 60_000);
  await composer.close();
  writeFileSync(
    join(folder, windowsFolder, "windows.json"),
    JSON.stringify({ ...list, former: { ...list.former, until: new Date().toISOString() } }),
  );
  composer = make();
  expect(state().state).toBe("ready");
  const left = windows.flatMap(({ path }) => [path, path.replace("m4s", "jpg")]).map((path) => path.split("/").at(-1)!);
  await until(() =>
    expect(readdirSync(join(folder, windowsFolder)).sort()).toEqual([...left, "init.mp4", "playlist.m3u8", "windows.json"].sort()),
  );
});

test("a film that begins anew has no name again that was there before, whether its ledger was lost or FFmpeg is another one", {
  timeout: 60_000,
}, async () => {
  const files = () => composer.film(id, folder)!.windows.map(({ path }) => path.split("/").at(-1));
  await compose(recording(4000));
  expect(files()).toEqual(["0.m4s", "1.m4s"]);
  await composer.close();
  rmSync(join(folder, windowsFolder, "windows.json"));
  composer = make();
  await compose(recording(4000));
  expect(files()).toEqual(["0.1.m4s", "1.1.m4s"]);
  writeFileSync(join(folder, windowsFolder, "init.mp4"), "as another FFmpeg writes it");
  input = recording(5000, { complete: false });
  composer.advance(id);
  await until(() => expect(state().readyAt).toBeNull());
  await compose(recording(5000));
  expect(files()).toEqual(["0.2.m4s", "1.2.m4s"]);
});

test("a track whose file is missing is a card, and the problem is said with its name and time", { timeout: 60_000 }, async () => {
  rmSync(join(folder, "ben.webm"));
  await compose(recording(7000));
  expect(state().problems).toHaveLength(1);
  expect(state().problems[0]).toMatch(/^Ben is missing from 0:00 to 0:07: /);
  expect(state().troubles).toEqual([{ kind: "absent", name: "Ben", fromMs: 0, toMs: 7000 }]);
});

test("names are drawn by the process behind its fences, in its own letters and as a browser drew them", { timeout: 60_000 }, async () => {
  const plate = packPlate({ width: 40, height: 64, ink: new Uint8Array(40 * 64).fill(255) });
  writeFileSync(join(folder, "name.json"), JSON.stringify({ name: "Ben", plate }));
  const told = recording(2000);
  told.timeline.tracks[1]!.plate = "name.json";
  await compose(told);
  const bytes = ["init.mp4", "0.m4s"].map(file);
  const path = join(folder, "look.mp4");
  writeFileSync(path, Buffer.concat(bytes));
  const film = new SegmentFile(path);
  film.update(bytes[0]!.length + bytes[1]!.length, [{ mediaMs: 0, atMs: 0 }], 0);
  const footage = new Footage(film, film.video!);
  footage.prepare(40);
  const picture = footage.at(40, 40)!;
  const brightest = ({ x, y, height }: Rect) => {
    let most = 0;
    for (let row = y + height - 24; row < y + height; row++)
      for (let column = x; column < x + 60; column++) most = Math.max(most, picture.data![0]![row * picture.linesize[0]! + column]!);
    return most;
  };
  const faces = told.timeline.tracks.map(({ id: key, source }) => ({ key, source }));
  // Ann is red (80), Ben is blue (50).
  for (const rect of layoutOf(faces, canvas)) expect(brightest(rect)).toBeGreaterThan(150);
  footage.close();
  film.close();
});

test("a recording that is removed in the middle is left alone", { timeout: 60_000 }, async () => {
  input = recording(7000);
  composer.advance(id);
  await until(() => expect(state().watermarkMs).toBeGreaterThan(0));
  input = null;
  await composer.remove(id);
  const before = readdirSync(folder);
  rmSync(folder, { recursive: true });
  composer.advance(id);
  expect(before).not.toContain("side-by-side.head");
  expect(state()).toMatchObject({ state: "waiting", watermarkMs: 0 });
});

test("eight recordings that grow at once all become films, by three processes at most", { timeout: 120_000 }, async () => {
  const short = webmOf({ seconds: 1, colour: () => red });
  const inputs = new Map<string, Input>();
  for (let index = 0; index < 8; index++) {
    const own = mkdtempSync(join(root, "recording-"));
    writeFileSync(join(own, "ann.webm"), short);
    const timeline = timelineWith(1000, { Ann: [segmentOf("ann.webm", short.length, 0, 1000)] });
    inputs.set(`rec_${String(index).padStart(26, "0")}`, { timeline, watermarkMs: 1000, complete: true, folder: own });
  }
  let most = 0;
  const many = new Composer({
    input: (recording) => inputs.get(recording) ?? null,
    canvas: { width: 320, height: 180 },
    log,
    onChange: () => {
      most = Math.max(most, composing());
    },
    pool: { atOnce: 2, most: 3 },
  });
  try {
    for (const recording of inputs.keys()) many.advance(recording);
    await vi.waitFor(
      () => {
        most = Math.max(most, composing());
        for (const [recording, { folder: own }] of inputs) expect(many.stateOf(recording, own).state).toBe("ready");
      },
      { timeout: 100_000, interval: 50 },
    );
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(3);
  } finally {
    await many.close();
  }
  expect(composing()).toBe(0);
});

/** Composing processes that this one has. */
function composing(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return children.filter((pid) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("child.mjs"))
    .length;
}
