import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { TimelineSegment } from "../../protocol/timeline.ts";
import { Composer, type ComposerOptions, type Input } from "./composer.ts";
import { Fences } from "./fence.ts";
import { blue, green, red, segmentOf, timelineWith, webmOf } from "./footage.fixture.ts";
import { windowsFolder } from "./ledger.ts";
import { program } from "./program.ts";

const timeout = 170_000;
const id = "rec_00000000000000000000000001";
const ann = webmOf({ seconds: 10, colour: () => red });
const ben = webmOf({ seconds: 10, colour: (atMs) => (atMs % 1000 < 500 ? blue : green) });
const durationMs = 9600;

let root: string;
let folder: string;
/** What a composer that nothing happens to makes of Ann and Ben, window by window. */
let whole: Buffer[];

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "misfortune-")));
  fresh();
  await compose(new Fences(program()));
  whole = windows();
}, timeout);
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => fresh());

function fresh(): void {
  folder = mkdtempSync(join(root, "recording-"));
  writeFileSync(join(folder, "ann.webm"), ann);
  writeFileSync(join(folder, "ben.webm"), ben);
  mkdirSync(join(folder, windowsFolder), { recursive: true });
}

const input = (): Input => ({
  timeline: timelineWith(durationMs, {
    Ann: [segmentOf("ann.webm", ann.length, 0, 9600)],
    Ben: [segmentOf("ben.webm", ben.length, 0, 9600)],
  }),
  watermarkMs: durationMs,
  complete: true,
  folder,
});

/** The files of which the film consists, in order. */
function windows(): Buffer[] {
  const names = readdirSync(join(folder, windowsFolder)).filter((name) => name.endsWith(".m4s"));
  return names
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => readFileSync(join(folder, windowsFolder, name)));
}

async function compose(fences: Fences, more: Partial<ComposerOptions> = {}) {
  const composer = new Composer({
    input,
    canvas: { width: 320, height: 180 },
    log: pino({ level: process.env.DOUBLETAKE_TEST_LOG ?? "silent" }),
    onChange: () => undefined,
    fences,
    ...more,
  });
  try {
    composer.advance(id);
    await vi.waitFor(() => expect(composer.stateOf(id, folder).state).toBe("ready"), { timeout: 150_000, interval: 50 });
    return composer.stateOf(id, folder);
  } finally {
    await composer.close();
  }
}

/**
 * The real composing process, to which something happens when it is asked for certain windows: as a stream would that breaks its decoder.
 * `when`: of the order `order`, an expression; `what`: statements. `past()`: how often that came true before, in any process of this recording.
 */
function struck(when: string, what: string): Fences {
  const { file, needs } = program();
  const code = mkdtempSync(join(root, "code-"));
  const struckFile = join(code, "struck.mjs");
  const counter = join(folder, "windows", "struck");
  writeFileSync(
    struckFile,
    `import { appendFileSync, existsSync, statSync } from "node:fs";
     const past = () => (existsSync(${JSON.stringify(counter)}) ? statSync(${JSON.stringify(counter)}).size : 0);
     const on = process.on.bind(process);
     process.on = (name, listener) => on(name, name !== "message" ? listener : (order) => {
       if (order.type !== "render" || !(${when})) return listener(order);
       appendFileSync(${JSON.stringify(counter)}, "x");
       ${what}
     });
     await import(${JSON.stringify(file)});`,
  );
  return new Fences({ file: struckFile, needs: [...needs, [code, code]] });
}

/** The real composing process, which ends as soon as it reads anything of somebody's file. */
function dyingAt(name: string): Fences {
  const { file, needs } = program();
  const code = mkdtempSync(join(root, "code-"));
  const dyingFile = join(code, "dying.mjs");
  writeFileSync(
    dyingFile,
    `import fs from "node:fs";
     import { syncBuiltinESMExports } from "node:module";
     const { openSync, readSync } = fs;
     let theirs = -1;
     fs.openSync = (path, ...more) => {
       const opened = openSync(path, ...more);
       if (String(path).endsWith("/${name}.webm")) theirs = opened;
       return opened;
     };
     fs.readSync = (from, ...more) => {
       if (from !== theirs) return readSync(from, ...more);
       fs.appendFileSync(${JSON.stringify(join(folder, "windows", "struck"))}, "x");
       process.abort();
     };
     syncBuiltinESMExports();
     await import(${JSON.stringify(file)});`,
  );
  return new Fences({ file: dyingFile, needs: [...needs, [code, code]] });
}

const shows = (name: string) => `order.job.sources.some((source) => source.file === "${name}.webm")`;
const times = () => readFileSync(join(folder, "windows", "struck"), "utf8").length;

test("killed in the middle of a window: that window is composed again, and the film is the same to the byte", { timeout }, async () => {
  const state = await compose(struck("order.job.index === 1 && past() === 0", "process.abort();"));
  expect(times()).toBe(1);
  expect(state.problems).toEqual([]);
  expect(windows().every((bytes, index) => bytes.equals(whole[index]!))).toBe(true);
});

test("hung in a window: ended at the deadline, that window is composed again, and the film is the same to the byte", {
  timeout,
}, async () => {
  const state = await compose(struck("order.job.index === 1 && past() === 0", "for (;;);"), { deadlineMs: 15_000 });
  expect(times()).toBe(1);
  expect(state.problems).toEqual([]);
  expect(windows().every((bytes, index) => bytes.equals(whole[index]!))).toBe(true);
});

test("a track that takes all memory in one window, each time, is a card there; everything else is composed", { timeout }, async () => {
  const eat = "const all = []; for (;;) all.push(new Uint8Array(2 ** 26));";
  const state = await compose(struck(`order.job.index === 1 && ${shows("ben")}`, eat));
  // It says nothing: twice as it is, and once without Ann, who is tried first.
  expect(times()).toBe(3);
  expect(state.problems).toEqual(["Ben is missing from 0:03 to 0:06: it stops the composing process."]);
  const made = windows();
  expect([0, 1, 2].map((index) => made[index]!.equals(whole[index]!))).toEqual([true, false, true]);
});

test("a track that kills every process is a card for as long as it is there, and is left out from the third window on", {
  timeout,
}, async () => {
  const state = await compose(struck(shows("ben"), "process.abort();"));
  expect(state.problems).toEqual(["Ben is missing from 0:00 to 0:10: it stops the composing process."]);
  // As above, then once more in the next window, in case that it was the window and not the track.
  expect(times()).toBe(4);
});

test("of six, the one whose bytes end the process is found by what it said before its end: two deaths, whoever it is", {
  timeout,
}, async () => {
  const people = ["ann", "ben", "cleo", "dan", "eve", "fay"];
  for (const name of people) writeFileSync(join(folder, `${name}.webm`), ann);
  const segments = people.map((name): [string, TimelineSegment[]] => [name, [segmentOf(`${name}.webm`, ann.length, 0, 3200)]]);
  const everybody = { ...input(), timeline: timelineWith(3200, Object.fromEntries(segments)) };
  const state = await compose(dyingAt("eve"), { input: () => everybody });
  expect(state.problems).toEqual(["eve is missing from 0:00 to 0:03: it stops the composing process."]);
  expect(times()).toBe(2);
});

test("good windows of a damaged track are composed: what cannot be decoded holds the picture before", { timeout }, async () => {
  const damaged = Buffer.from(ben);
  const clusterAt = (second: number) => {
    let at = -1;
    for (let left = second; left >= 0; left--) at = damaged.indexOf(Buffer.from("1f43b675", "hex"), at + 1);
    return at;
  };
  damaged.fill(0, clusterAt(4), clusterAt(6));
  writeFileSync(join(folder, "ben.webm"), damaged);
  const state = await compose(new Fences(program()));
  expect(state.state).toBe("ready");
  const made = windows();
  expect(made.map((bytes, index) => bytes.equals(whole[index]!))).toEqual([true, false, true]);
  expect(existsSync(join(folder, "side-by-side.head"))).toBe(true);
});
