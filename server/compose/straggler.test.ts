// Stop is pressed while one upload is far behind: what is composed, and when, as the rest of it comes. Orders are counted, nothing is rendered.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, expect, test, vi } from "vitest";
import { Container } from "../align/container.ts";
import { webmSegment } from "../align/media.fixture.ts";
import { coveredMs, type RecordingInput, type TrackInput, timelineOf, watermarkOf } from "../align/timeline.ts";
import { Composer } from "./composer.ts";
import { idOf } from "./footage.fixture.ts";
import { windowsFolder } from "./ledger.ts";
import type { Done } from "./order.ts";
import type { Hand } from "./pool.ts";
import { windowMs } from "./window.ts";
import type { Task } from "./worker.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "straggler-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const id = "rec_00000000000000000000000001";
const zeroMs = 1000;
const seconds = 20;
const media = webmSegment(seconds);
/** By whole seconds that are here: how many bytes that is. */
const lengths = Array.from({ length: seconds + 1 }, (_, here) => webmSegment(here).length);
/** Sound is needed so far past a window's end. */
const aheadMs = 100;
const windows = Math.ceil((seconds * 1000) / windowMs);
const from = (window: number) => Array.from({ length: windows - window }, (_, index) => window + index);
const done: Done = { type: "done", id: 1, bytes: 1000, missing: [], cpuMs: 0, decoded: 0 };

interface Upload {
  name: string;
  container: Container;
  /** Whole seconds that are here. */
  here: number;
  /** He is not waited for. */
  quiet: boolean;
}

function upload(name: string, here: number): Upload {
  const container = new Container();
  container.push(media.subarray(0, lengths[here]!));
  return { name, container, here, quiet: false };
}

function more(one: Upload, here: number): void {
  one.container.push(media.subarray(lengths[one.here]!, lengths[here]!));
  one.here = here;
}

/** Each second is a chunk, handed over a little late and not evenly, as browsers do. */
function trackOf({ name, container, here, quiet }: Upload): TrackInput {
  const sealed = here === seconds;
  const segment = {
    id: idOf("seg", name),
    file: `${name}.webm`,
    mimeType: "video/webm",
    bytes: container.bytes,
    sealed,
    quiet,
    sha256: sealed ? "0".repeat(64) : null,
    facts: { browser: "chromium" as const, version: 156, mimeType: "video/webm", startCallMs: zeroMs - 46, startEventMs: zeroMs },
    chunks: Array.from({ length: here }, (_, sequence) => ({
      sequence,
      endOffset: lengths[sequence + 1]!,
      eventMs: zeroMs + (sequence + 1) * 1000 + 60 + ((sequence * 7) % 5),
    })),
    samples: Array.from({ length: here }, (_, second) => {
      const sentMs = zeroMs + second * 1000;
      return { sentMs, receivedMs: sentMs + 4 + (second % 3), serverMs: sentMs + 2, epoch: "e" };
    }),
    media: container,
  };
  const participant = { id: idOf("par", name), name };
  return { id: idOf("trk", name), participant, source: "camera", segments: [segment], closed: sealed, lost: false, quiet };
}

/** Ann is here up to Stop, Ben for five seconds. */
function stage() {
  const folder = mkdtempSync(join(root, "recording-"));
  mkdirSync(join(folder, windowsFolder), { recursive: true });
  const [ann, ben] = [upload("ann", seconds), upload("ben", 5)];
  let durationMs: number | null = null;
  const composed: number[] = [];
  const hand: Hand = {
    pid: 1,
    warm: () => undefined,
    close: async () => undefined,
    send: async (task: Task) => {
      if (task.type === "finish") writeFileSync(join(folder, task.windows, task.head), "head");
      if (task.type === "render") composed.push(task.job.index);
      return done;
    },
  };
  const input = () => {
    const tracks = [ann, ben].map(trackOf);
    const names = { roomId: idOf("room", "one"), roomName: "One", startedAt: "2026-01-01T00:00:00.000Z" };
    const recording: RecordingInput = { id, ...names, zeroMs, epoch: "e", durationMs, tracks };
    const watermarkMs = watermarkOf(
      tracks.map((track) => coveredMs(track, recording)),
      seconds * 1000,
    );
    const complete = durationMs !== null && tracks.every(({ closed }) => closed);
    return { timeline: timelineOf(recording), watermarkMs, complete, folder };
  };
  const canvas = { width: 320, height: 180 };
  const composer = new Composer({ input, canvas, log: pino({ level: "silent" }), onChange: () => undefined, pool: { hand: () => hand } });
  const state = () => composer.stateOf(id, folder);
  let told = 0;
  /** What is composed because of this. */
  const after = async (change: () => void): Promise<number[]> => {
    change();
    composer.advance(id);
    const { watermarkMs, complete } = input();
    const reach = Math.max(state().windows, complete ? windows : Math.floor((watermarkMs - aheadMs) / windowMs));
    await vi.waitFor(() => expect(state()).toMatchObject({ windows: reach, state: complete ? "ready" : "growing" }), { timeout: 10_000 });
    const fresh = composed.slice(told);
    told += fresh.length;
    return fresh;
  };
  const stop = () => {
    durationMs = seconds * 1000;
  };
  return { ben, after, stop, close: () => composer.close() };
}

test("whoever is behind at Stop holds the film at their watermark; after their last byte the windows from there on are composed, once each", async () => {
  const { ben, after, stop, close } = stage();
  expect(await after(() => undefined)).toEqual([0]);
  expect(await after(stop)).toEqual([]);
  expect(await after(() => more(ben, seconds))).toEqual(from(1));
  await close();
});

test("as the rest comes bit by bit every window is composed once, as soon as it is whole, and after the last byte only what is left", async () => {
  const { ben, after, stop, close } = stage();
  await after(stop);
  const composed: number[] = [];
  for (let here = 6; here < seconds; here++) composed.push(...(await after(() => more(ben, here))));
  const last = await after(() => more(ben, seconds));
  expect([...composed, ...last]).toEqual(from(1));
  expect(last).toEqual(from(5));
  await close();
});

test("who was not waited for any longer comes back after all: the windows from where they broke off are composed again, once each", async () => {
  for (const steps of [
    [seconds],
    from(0)
      .flatMap((window) => (window > 1 ? [window * 3] : []))
      .concat(seconds),
  ]) {
    const { ben, after, stop, close } = stage();
    await after(stop);
    const without = await after(() => {
      ben.quiet = true;
    });
    // All but the last one, of which nobody knows that nothing more comes.
    expect(without).toEqual(from(1).slice(0, -1));
    ben.quiet = false;
    const again: number[] = [];
    for (const here of steps) again.push(...(await after(() => more(ben, here))));
    expect(again, `${steps}`).toEqual(from(1));
    await close();
  }
});
