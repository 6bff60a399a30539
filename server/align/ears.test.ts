import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { ClockSample, Heard } from "../../protocol/recording.ts";
import type { TimelineTrack } from "../../protocol/timeline.ts";
import { Disk } from "../store/disk.ts";
import { Ears, type JudgedRecording, type Listener } from "./ears.ts";

const root = mkdtempSync(join(tmpdir(), "ears-"));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const id = (prefix: string, n: number) => `${prefix}_${String(n).padStart(26, "0")}`;
const recording = id("rec", 1);
const epoch = "e";
const levelMs = 10;

/** One level every 10 ms: syllables, words, pauses. */
function speech(seed: number, seconds: number): number[] {
  let state = seed * 7919;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const levels = new Array<number>((seconds * 1000) / levelMs).fill(90);
  for (let at = random() * 100; at < levels.length; at += 30 + random() * 120)
    for (const end = at + 80 + random() * 250; at < end; at += 3 + random() * 12) {
      const to = at + 8 + random() * 18;
      levels.fill(12 + Math.round(random() * 12), Math.round(at), Math.min(levels.length, Math.round(to)));
      at = to;
    }
  return levels;
}

/** One who talks and listens. `lateMs`: how wrong the pings made the clock, which hits both the track's place and what was heard. */
interface Talker {
  n: number;
  lateMs: number;
  uncertaintyMs: number;
  levels: number[];
}

function listenerOf({ n, lateMs, uncertaintyMs, levels }: Talker, correctionMs = 0): Listener {
  const at = lateMs - correctionMs;
  const track = {
    id: id("trk", n),
    participant: { id: id("par", n), name: `${n}` },
    source: "camera",
    clock: { offsetMs: at, driftPpm: 0, uncertaintyMs },
    gaps: [],
    segments: [{ id: id("seg", n), map: [{ mediaMs: 0, atMs: at }], audioShiftMs: 0, startMs: 0, endMs: levels.length * levelMs }],
  } as unknown as TimelineTrack;
  // The browser's clock is the recording's: pings say that the server's is `lateMs` ahead.
  const samples: ClockSample[] = [0, 1, 2].map((ping) => ({ sentMs: ping, receivedMs: ping, serverMs: ping + lateMs, epoch }));
  return { track, uncertaintyMs, correctionMs, browser: "chromium", clocks: [{ startMs: 0, samples }] };
}

function judged(talkers: Talker[], corrections: Record<number, number> = {}): JudgedRecording {
  return { id: recording, zeroMs: 0, epoch, listeners: talkers.map((talker) => listenerOf(talker, corrections[talker.n])) };
}

/** What `by` heard of `of`, in spans of 2 s. */
function heardBy(of: Talker, delayMs: number): Heard[] {
  const spans: Heard[] = [];
  for (let fromMs = 0; fromMs + 2000 <= of.levels.length * levelMs; fromMs += 2000) {
    const times = Array.from({ length: 80 }, (_, index) => fromMs + index * 25);
    const levels = times.map((time) => of.levels[Math.floor((time - delayMs) / levelMs)] ?? 127);
    spans.push({ of: id("par", of.n), fromMs, stepsMs: new Array(79).fill(25), levels, bufferMs: 0, roundTripMs: 4 });
  }
  return spans;
}

function told(ears: Ears, [a, b]: [Talker, Talker], { voices = true, heard = true } = {}): void {
  for (const [listener, speaker, delayMs] of [
    [a, b, 40],
    [b, a, 44],
  ] as const) {
    if (heard) for (const span of heardBy(speaker, delayMs)) ears.hear(recording, id("trk", listener.n), span);
    if (!voices) continue;
    for (let from = 0; from < speaker.levels.length; from += 320)
      ears.loud(recording, [
        { segment: id("seg", speaker.n), fromMediaMs: from * levelMs, levels: speaker.levels.slice(from, from + 320) },
      ]);
  }
}

const earsOn = () =>
  new Ears(new Disk(root), (_, error) => {
    throw error;
  });
const pair = (lateMs: number, uncertaintyMs: number, seconds = 40): [Talker, Talker] => [
  { n: 1, lateMs: 0, uncertaintyMs: 4, levels: speech(1, seconds) },
  { n: 2, lateMs, uncertaintyMs, levels: speech(2, seconds) },
];

test("a path that is longer in one direction misleads the clocks, and hearing puts it right", async () => {
  const talkers = pair(70, 82);
  const ears = earsOn();
  told(ears, talkers);
  const found = await ears.judge(judged(talkers));
  expect(found?.get(id("trk", 1))?.verdict).toBe("confirmed");
  const verdict = found?.get(id("trk", 2));
  expect(verdict?.verdict).toBe("corrected");
  expect(Math.abs((verdict?.correctionMs ?? 0) - 70)).toBeLessThanOrEqual(verdict?.uncertaintyMs ?? 0);
  await ears.settled();
});

test("what was corrected once is not corrected again", async () => {
  const talkers = pair(70, 82);
  const ears = earsOn();
  told(ears, talkers);
  const first = (await ears.judge(judged(talkers)))?.get(id("trk", 2));
  const again = earsOn();
  told(again, talkers);
  const second = (await again.judge(judged(talkers, { 2: first?.correctionMs ?? 0 })))?.get(id("trk", 2));
  expect(second?.verdict).toBe("corrected");
  expect(second?.correctionMs).toBeCloseTo(first?.correctionMs ?? 0, 0);
  await Promise.all([ears.settled(), again.settled()]);
});

test("clocks that are right are confirmed", async () => {
  const talkers = pair(1, 4);
  const ears = earsOn();
  told(ears, talkers);
  const found = await ears.judge(judged(talkers));
  expect([...(found?.values() ?? [])].map(({ verdict, correctionMs }) => [verdict, correctionMs])).toEqual([
    ["confirmed", 0],
    ["confirmed", 0],
  ]);
  await ears.settled();
});

test("when one of two was never heard there is no verdict", async () => {
  const [a, b] = pair(70, 82);
  const mute = { ...b, levels: b.levels.map(() => 127) };
  const ears = earsOn();
  told(ears, [a, mute]);
  expect((await ears.judge(judged([a, mute])))?.size).toBe(0);
  await ears.settled();
});

test("what was heard is still known to the next process", async () => {
  const talkers = pair(70, 82);
  const first = earsOn();
  told(first, talkers, { voices: false });
  await first.settled();
  const second = earsOn();
  told(second, talkers, { heard: false });
  expect((await second.judge(judged(talkers)))?.get(id("trk", 2))?.verdict).toBe("corrected");
});

test("nothing is judged twice from the same material, and nothing before there is enough", async () => {
  const short = pair(0, 4, 10);
  const ears = earsOn();
  told(ears, short);
  expect(await ears.judge(judged(short))).toBeNull();
  const talkers = pair(0, 4);
  told(ears, talkers);
  expect(await ears.judge(judged(talkers))).not.toBeNull();
  expect(await ears.judge(judged(talkers))).toBeNull();
  await ears.settled();
});

test("silence is not kept", async () => {
  const ears = earsOn();
  const silent = { of: id("par", 2), fromMs: 0, stepsMs: [25, 25], levels: [127, 127, 90], bufferMs: 0, roundTripMs: 1 };
  ears.hear(recording, id("trk", 1), silent);
  await ears.settled();
  const path = join(root, "recordings", recording, "tracks", id("trk", 1), "heard.jsonl");
  expect(() => readFileSync(path)).toThrow("ENOENT");
});
