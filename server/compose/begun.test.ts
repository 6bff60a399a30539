// When a window is begun before all of it is here: orders are counted, nothing is rendered.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { Composer } from "./composer.ts";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { windowsFolder } from "./ledger.ts";
import type { Done } from "./order.ts";
import type { Hand } from "./pool.ts";
import { Death, type Task } from "./worker.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "begun-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const id = "rec_00000000000000000000000001";
const done: Done = { type: "done", id: 1, bytes: 1000, missing: [], cpuMs: 0, decoded: 0 };

let folder: string;
let composer: Composer;
let watermarkMs: number;
/** "begin 40", "render 0". */
let orders: string[];
let onBegin: () => Promise<Done>;
let effort: number;
let running: boolean;

const hand = (): Hand => {
  let pid: number | null = null;
  return {
    get pid() {
      return pid;
    },
    warm: () => {
      pid = 1;
    },
    close: async () => {
      pid = null;
    },
    send: async (task: Task) => {
      pid = 1;
      if (task.type === "begin") {
        orders.push(`begin ${task.toTick}`);
        return await onBegin();
      }
      if (task.type === "render") orders.push(`render ${task.job.index}`);
      if (task.type === "finish") writeFileSync(join(folder, task.windows, task.head), "head");
      if (task.type === "render") effort = task.effort ?? 0;
      return done;
    },
  };
};

beforeEach(() => {
  folder = mkdtempSync(join(root, "recording-"));
  mkdirSync(join(folder, windowsFolder), { recursive: true });
  [watermarkMs, orders, effort, running] = [0, [], 0, true];
  onBegin = async () => done;
  composer = new Composer({
    input: () => ({
      timeline: timelineWith(running ? null : watermarkMs, {
        Ann: [{ ...segmentOf("ann.webm", 1, 0, watermarkMs), sealed: !running, endMs: watermarkMs }],
      }),
      watermarkMs: running ? watermarkMs : Number.POSITIVE_INFINITY,
      complete: !running,
      folder,
    }),
    canvas: { width: 320, height: 180 },
    log: pino({ level: "silent" }),
    onChange: () => undefined,
    pool: { hand, atOnce: 1 },
  });
});
afterEach(() => composer.close());

/** The recording has come so far, and everything that follows from it is done. */
async function comesTo(atMs: number, wanted: string[]): Promise<void> {
  watermarkMs = atMs;
  orders = [];
  composer.advance(id);
  await vi.waitFor(() => expect(orders).toEqual(wanted), { timeout: 20_000, interval: 5 });
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(orders).toEqual(wanted);
}

test("a window is drawn as far as it is here, again and again, and composed when it is whole", async () => {
  // A tenth of a second behind what has come, as windows are.
  await comesTo(500, []);
  await comesTo(1120, ["begin 30"]);
  await comesTo(1800, []);
  await comesTo(2120, ["begin 60"]);
  await comesTo(3400, ["render 0"]);
  await comesTo(4320, ["begin 126"]);
  await comesTo(6500, ["render 1"]);
});

test("nothing is begun while others wait for a process", async () => {
  await comesTo(3400, ["render 0"]);
  let free: (value: Done) => void = () => undefined;
  onBegin = () => new Promise((resolve) => (free = resolve));
  // Somebody's download has the only one.
  const made = composer.make("rec_00000000000000000000000002", { type: "begin" } as Task);
  await vi.waitFor(() => expect(orders).toContain("begin undefined"));
  await comesTo(5000, []);
  free(done);
  await made;
  onBegin = async () => done;
  await comesTo(5120, ["begin 150"]);
});

test("what could not be begun is composed all the same, and not begun again", async () => {
  onBegin = async () => {
    throw new Death("the composing process ended");
  };
  await comesTo(1120, ["begin 30"]);
  await comesTo(2120, []);
  await comesTo(3400, ["render 0"]);
  await comesTo(4320, ["begin 126"]);
});

test("the last window is composed where it was begun when the recording stops in it", async () => {
  await comesTo(1120, ["begin 30"]);
  running = false;
  await comesTo(1500, ["render 0"]);
  expect(effort).toBe(0);
});
