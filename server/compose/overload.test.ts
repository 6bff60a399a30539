// Composing that is slower than the call for ten minutes, in a time that the test makes: orders take what the test says, nothing is rendered.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, expect, test } from "vitest";
import { Composer, type Input } from "./composer.ts";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { windowsFolder } from "./ledger.ts";
import { readLedger } from "./ledgerfile.ts";
import type { Done } from "./order.ts";
import type { Hand } from "./pool.ts";
import { windowMs } from "./window.ts";
import type { Task } from "./worker.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "overload-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const id = "rec_00000000000000000000000001";
const minute = 60_000;
/** Each of hundreds of windows is entered on a real disk. */
const timeout = 120_000;
const overload = { fromMs: minute, toMs: 11 * minute };
const done: Done = { type: "done", id: 1, bytes: 1000, missing: [], cpuMs: 0, decoded: 0 };

/** By effort, ms of a window of 3200: on this machine, and while others want it. */
type Costs = { usual: readonly [number, number, number]; overloaded: readonly [number, number, number] };

interface Look {
  atMs: number;
  effort: number;
  behindMs: number;
}

/** A call of so long. Answers what was seen as each window was done. */
async function call(durationMs: number, { usual, overloaded }: Costs): Promise<{ looks: Look[]; told: Set<string>[]; readyMs: number }> {
  const folder = mkdtempSync(join(root, "recording-"));
  mkdirSync(join(folder, windowsFolder), { recursive: true });
  const looks: Look[] = [];
  const told: Set<string>[] = [];
  let nowMs = 0;
  const hand: Hand = {
    // Replaced once, in the middle of the overload.
    get pid() {
      return nowMs < overload.fromMs + 5 * minute ? 1 : 2;
    },
    warm: () => undefined,
    close: async () => undefined,
    send: async (task: Task) => {
      if (task.type === "finish") writeFileSync(join(folder, task.windows, task.head), "head");
      if (task.type !== "render") return done;
      const effort = task.effort ?? 0;
      nowMs += (nowMs >= overload.fromMs && nowMs < overload.toMs ? overloaded : usual)[effort]!;
      if (task.earlier?.length) told.push(new Set(task.earlier));
      const endMs = (task.job.index + 1) * windowMs;
      looks.push({ atMs: nowMs, effort, behindMs: Math.min(nowMs, durationMs) - endMs });
      return done;
    },
  };
  let waiting = false;
  const input = (): Input => {
    const segment = segmentOf("ann.webm", 1, 0, durationMs);
    const nextMs = Math.min(durationMs, (looks.length + 1) * windowMs + 100);
    if (nowMs < nextMs && !waiting) {
      waiting = true;
      setImmediate(() => {
        waiting = false;
        nowMs = Math.max(nowMs, nextMs);
        composer.advance(id);
      });
    }
    const over = nowMs >= durationMs;
    return {
      timeline: timelineWith(over ? durationMs : null, { Ann: [{ ...segment, sealed: over, endMs: Math.min(nowMs, durationMs) }] }),
      watermarkMs: over ? Number.POSITIVE_INFINITY : nowMs,
      complete: over,
      folder,
    };
  };
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    onReady = resolve;
  });
  const composer: Composer = new Composer({
    input,
    canvas: { width: 320, height: 180 },
    log: pino({ level: "silent" }),
    onChange: () => composer.stateOf(id, folder).state === "ready" && onReady(),
    pool: { hand: () => hand },
    nowMs: () => nowMs,
  });
  composer.advance(id);
  await ready;
  const { windows } = readLedger(folder)!;
  expect(windows.map(({ index }) => index)).toEqual(looks.map((_, index) => index));
  expect(windows.map(({ effort = 0 }) => effort)).toEqual(looks.map(({ effort }) => effort));
  return { looks, told, readyMs: nowMs };
}

const inside = (looks: Look[], fromMs: number, toMs: number) => looks.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);

test("ten minutes too slow at the usual effort: it is stepped down, holds on close behind the call, and steps back up", {
  timeout,
}, async () => {
  const durationMs = 15 * minute;
  const { looks, told, readyMs } = await call(durationMs, { usual: [1400, 1000, 700], overloaded: [4800, 3900, 2500] });
  expect(inside(looks, 0, overload.fromMs).every(({ effort }) => effort === 0)).toBe(true);
  // Two windows' time for each of the six that it has to be behind before it steps down the second time.
  expect(inside(looks, 2 * minute + overload.fromMs, overload.toMs).every(({ effort }) => effort === 2)).toBe(true);
  expect(Math.max(...looks.map(({ behindMs }) => behindMs))).toBeLessThan(8 * windowMs);
  expect(inside(looks, overload.toMs - minute, overload.toMs).every(({ behindMs }) => behindMs < 2 * windowMs)).toBe(true);
  expect(inside(looks, overload.toMs + minute, durationMs).every(({ effort, behindMs }) => effort === 0 && behindMs < 2 * windowMs)).toBe(
    true,
  );
  expect(readyMs - durationMs).toBeLessThan(windowMs);
  // A process that takes over is told once of every window before, so that it has nothing to read when the recording stops.
  expect(told).toHaveLength(1);
  expect(told[0]!.size).toBe(looks.findIndex(({ atMs }) => atMs >= overload.fromMs + 5 * minute) + 1);
});

test("ten minutes too slow at any effort: the film falls behind for as long, then catches up", { timeout }, async () => {
  const durationMs = 20 * minute;
  const { looks, readyMs } = await call(durationMs, { usual: [1400, 1000, 700], overloaded: [6000, 5000, 4000] });
  const behindMs = Math.max(...looks.map((look) => look.behindMs));
  // Of ten minutes, what is composed at four seconds a window.
  expect(behindMs).toBeGreaterThan(minute);
  expect(behindMs).toBeLessThan(10 * minute * (1 - windowMs / 4000) + 8 * windowMs);
  const last = inside(looks, overload.toMs + 3 * minute, durationMs);
  expect(last.length).toBeGreaterThan(90);
  expect(last.every(({ effort, behindMs: behind }) => effort === 0 && behind < 2 * windowMs)).toBe(true);
  expect(readyMs - durationMs).toBeLessThan(windowMs);
});
