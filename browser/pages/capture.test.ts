import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClockSample, SegmentFacts, Source } from "../../protocol/recording.ts";
import type { TrackUpload } from "../upload/uploads.ts";
import { Capture } from "./capture.ts";

/** A recorder that does what the test says. */
class FakeRecorder extends EventTarget {
  static all: FakeRecorder[] = [];
  static isTypeSupported = () => true;
  /** Speaks every timeslice by itself. */
  static speaking = true;
  /** The next ones do not start. */
  static refusing = false;
  /** The next ones do not say that they have started. */
  static mute = false;
  state = "inactive";
  mimeType = "video/webm";
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(readonly stream: MediaStream) {
    super();
    FakeRecorder.all.push(this);
  }

  start(everyMs: number): void {
    if (FakeRecorder.refusing) throw new Error("busy");
    this.state = "recording";
    this.#timer = setInterval(() => FakeRecorder.speaking && this.say("chunk"), everyMs);
    if (!FakeRecorder.mute) queueMicrotask(() => this.dispatchEvent(new Event("start")));
  }

  stop(): void {
    this.state = "inactive";
    clearInterval(this.#timer);
    queueMicrotask(() => {
      this.say("last");
      this.dispatchEvent(new Event("stop"));
    });
  }

  say(text: string): void {
    this.dispatchEvent(Object.assign(new Event("dataavailable"), { data: new Blob([text]) }));
  }
}

interface Kept {
  facts: SegmentFacts;
  chunks: number;
  samples: ClockSample[];
  finished: boolean;
  over: (() => void) | undefined;
}

const ping = (sentMs: number, serverMs: number): ClockSample => ({ sentMs, receivedMs: sentMs + 10, serverMs, epoch: "e" });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("MediaRecorder", FakeRecorder);
  vi.stubGlobal("navigator", { userAgent: "Chrome/156" });
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  FakeRecorder.all = [];
  FakeRecorder.speaking = true;
  FakeRecorder.refusing = false;
  FakeRecorder.mute = false;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const track = (kind: string) => ({ kind, readyState: "live" });

function made(source: Source = "camera", kinds = ["video", "audio"], earlier: ClockSample[] = []) {
  const kept: Kept[] = [];
  const errors: string[] = [];
  const upload: TrackUpload = {
    segment: (facts, over) => {
      const one: Kept = { facts, chunks: 0, samples: [], finished: false, over };
      kept.push(one);
      return {
        append: () => one.chunks++,
        clock: (samples) => one.samples.push(...samples),
        finish: () => {
          one.finished = true;
        },
      };
    },
    end: () => undefined,
    safe: Promise.resolve(),
  };
  const tracks = kinds.map(track);
  const of = (kind: string) => tracks.filter((one) => one.kind === kind);
  const stream = {
    active: true,
    getTracks: () => tracks,
    getAudioTracks: () => of("audio"),
    getVideoTracks: () => of("video"),
  } as unknown as MediaStream;
  const onError = (error: Error) => void errors.push(error.message);
  const capture = new Capture({ stream, upload, source, reason: "start", samples: () => earlier, onError });
  return { capture, kept, errors, stream };
}

async function record(...args: Parameters<typeof made>) {
  const all = made(...args);
  await all.capture.start();
  return all;
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1000);
const reasons = (kept: Kept[]) => kept.map(({ facts }) => facts.reason);

test("a recorder that falls silent is followed by another, and its segment is finished", async () => {
  const { capture, kept } = await record();
  await seconds(5);
  expect(reasons(kept)).toEqual(["start"]);
  FakeRecorder.speaking = false;
  await seconds(4);
  expect(reasons(kept)).toEqual(["start", "watchdog"]);
  expect(kept.map(({ finished }) => finished)).toEqual([true, false]);
  FakeRecorder.speaking = true;
  await seconds(20);
  expect(reasons(kept)).toEqual(["start", "watchdog"]);
  await capture.stop();
  expect(kept.map(({ finished }) => finished)).toEqual([true, true]);
});

test.each(["error", "stop"])("after an unasked %s the next segment begins within a second", async (event) => {
  const { kept, errors } = await record();
  await seconds(5);
  FakeRecorder.all[0]?.dispatchEvent(new Event(event));
  await seconds(1);
  expect(reasons(kept)).toEqual(["start", "watchdog"]);
  expect(kept[0]?.finished).toBe(true);
  expect(errors).toEqual([]);
});

test("where the outbox says that another segment is better, the next begins within a second, and no other for that", async () => {
  const { kept, errors } = await record();
  await seconds(5);
  kept[0]?.over?.();
  kept[0]?.over?.();
  await seconds(1);
  kept[0]?.over?.();
  await seconds(10);
  expect(reasons(kept)).toEqual(["start", "watchdog"]);
  expect(kept[0]?.finished).toBe(true);
  expect(errors).toEqual([]);
});

test("a still screen without sound goes on in one segment and says that it does", async () => {
  const { capture, kept } = await record("screen", ["video"]);
  await seconds(3);
  FakeRecorder.speaking = false;
  await seconds(60);
  expect(reasons(kept)).toEqual(["start"]);
  expect(kept[0]?.samples.length).toBeGreaterThan(50);
  const before = kept[0]?.samples.at(-1)?.sentMs ?? 0;
  await vi.advanceTimersByTimeAsync(400);
  await capture.stop();
  expect(kept[0]?.samples.at(-1)?.sentMs).toBeGreaterThanOrEqual(before + 400);
});

test("a clock that stood still begins a segment that only later pings date", async () => {
  const samples = [ping(0, 1000), ping(5000, 6000)];
  const { capture, kept } = await record("camera", ["video", "audio"], samples);
  for (const sample of samples) capture.clock(sample);
  samples.push(ping(10_000, 91_000));
  capture.clock(ping(10_000, 91_000));
  await seconds(1);
  expect(reasons(kept)).toEqual(["start", "slip"]);
  expect(kept[1]?.samples).toEqual([ping(10_000, 91_000)]);
  expect(kept[0]?.samples).not.toContainEqual(ping(10_000, 91_000));
});

test("a page that was frozen begins the next segment", async () => {
  const { kept } = await record();
  await seconds(3);
  // Nothing runs while a page is frozen: only the clocks go on.
  const now = performance.now.bind(performance);
  const wall = Date.now.bind(Date);
  vi.spyOn(performance, "now").mockImplementation(() => now() + 20_000);
  vi.spyOn(Date, "now").mockImplementation(() => wall() + 20_000);
  await seconds(2);
  expect(reasons(kept)).toEqual(["start", "slip"]);
});

test("without a live track nothing is begun anew", async () => {
  const { kept, stream } = await record();
  await seconds(3);
  Object.assign(stream, { active: false });
  FakeRecorder.all[0]?.stop();
  await seconds(30);
  expect(reasons(kept)).toEqual(["start"]);
});

test("a picture that has ended is not handed to the next recorder", async () => {
  class FakeStream {
    constructor(readonly tracks: { kind: string }[]) {}
    getTracks = () => this.tracks;
    getAudioTracks = () => this.tracks.filter(({ kind }) => kind === "audio");
    getVideoTracks = () => this.tracks.filter(({ kind }) => kind === "video");
  }
  vi.stubGlobal("MediaStream", FakeStream);
  const { kept, stream } = await record();
  await seconds(3);
  const tracks = [{ ...track("video"), readyState: "ended" }, track("audio")];
  Object.assign(stream, { getTracks: () => tracks });
  FakeRecorder.speaking = false;
  await seconds(4);
  expect(reasons(kept)).toEqual(["start", "watchdog"]);
  expect(FakeRecorder.all[1]?.stream.getTracks().map(({ kind }) => kind)).toEqual(["audio"]);
});

test("in Firefox the readings of the recorder's own clock go with the chunks, the last with the end; elsewhere there are none", async () => {
  class FakeAudio {
    muted = false;
    srcObject: unknown = null;
    paused = false;
    ended = false;
    play = () => Promise.resolve();
    pause = () => undefined;
    get currentTime() {
      return performance.now() / 1000 + 1;
    }
  }
  vi.stubGlobal("Audio", FakeAudio);
  vi.stubGlobal("MediaStream", class {});
  vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; rv:153.0) Gecko/20100101 Firefox/153.0" });
  // Loaded beforehand, by whatever opened the microphone. There is no AudioContext, as without a sound device there is none that runs.
  await import("../record/graph.ts");
  const { capture, kept } = await record();
  await seconds(4);
  const before = kept[0]!.samples.length;
  expect(before).toBeGreaterThan(1);
  for (const { epoch, graph, bytes } of kept[0]!.samples) {
    expect(epoch).toBe("");
    expect(bytes).toBeUndefined();
    expect(graph!.length).toBeGreaterThan(4);
  }
  await seconds(0.9);
  await capture.stop();
  expect(kept[0]!.samples.length).toBeGreaterThan(before);
  const silent = await record("screen", ["video"]);
  await seconds(3);
  expect(silent.kept[0]!.samples).toEqual([]);
  await silent.capture.stop();
});

test("after ten minutes the next segment begins before the one before ends, and again ten minutes later", async () => {
  const { capture, kept, errors } = await record();
  await seconds(601.5);
  expect(reasons(kept)).toEqual(["start", "fresh"]);
  // The new one has not delivered yet.
  expect(kept.map(({ finished }) => finished)).toEqual([false, false]);
  await seconds(1);
  expect(kept.map(({ finished, chunks }) => [finished, chunks > 0])).toEqual([
    [true, true],
    [false, true],
  ]);
  await seconds(602);
  expect(reasons(kept)).toEqual(["start", "fresh", "fresh"]);
  await capture.stop();
  expect(kept.every(({ finished }) => finished)).toBe(true);
  expect(errors).toEqual([]);
});

test.each(["does not start", "never delivers"])("a recorder that is well goes on when the one that is to follow %s", async (fault) => {
  const { capture, kept, errors } = await record();
  await seconds(599);
  const first = FakeRecorder.all[0];
  FakeRecorder.refusing = fault === "does not start";
  // The first one alone speaks.
  FakeRecorder.speaking = false;
  for (let second = 0; second < 20; second++) {
    first?.say("chunk");
    await seconds(1);
  }
  expect([first?.state, kept[0]?.finished]).toEqual(["recording", false]);
  expect(FakeRecorder.all).toHaveLength(2);
  FakeRecorder.refusing = false;
  FakeRecorder.speaking = true;
  await seconds(610);
  expect(kept[0]?.finished).toBe(true);
  expect(reasons(kept).at(-1)).toBe("fresh");
  await capture.stop();
  expect(errors).toEqual([]);
});

test("stopping while one recorder follows another ends both", async () => {
  const { capture, kept } = await record();
  await seconds(601.5);
  expect(kept).toHaveLength(2);
  await capture.stop();
  expect(kept.map(({ finished }) => finished)).toEqual([true, true]);
});

test("a camera that is switched off while one recorder follows another is off in both segments", async () => {
  const { capture, kept, stream } = await record();
  await seconds(601.5);
  for (const one of stream.getVideoTracks()) Object.assign(one, { enabled: false });
  capture.camera();
  expect(kept.map(({ samples }) => samples.at(-1)?.camera)).toEqual([false, false]);
  await capture.stop();
});

test("a screen that moves is followed by another segment, too; one that stands still just then goes on in its own", async () => {
  const { capture, kept } = await record("screen", ["video"]);
  await seconds(601.5);
  expect(reasons(kept)).toEqual(["start", "fresh"]);
  await seconds(10);
  expect(kept.map(({ finished }) => finished)).toEqual([true, false]);
  await seconds(592);
  FakeRecorder.speaking = false;
  await seconds(20);
  expect(kept.map(({ finished }) => finished)).toEqual([true, false, true]);
  // Still said to run, by the recorder that goes on.
  const said = kept[1]!.samples.length;
  await seconds(5);
  expect(kept[1]!.samples.length).toBeGreaterThan(said);
  FakeRecorder.speaking = true;
  await seconds(610);
  expect(reasons(kept).at(-1)).toBe("fresh");
  expect(kept.map(({ finished }) => finished)).toEqual([true, true, true, false]);
  await capture.stop();
});

test("a recorder that never says that it runs, and delivers nothing, is followed by another after three timeslices", async () => {
  FakeRecorder.speaking = false;
  FakeRecorder.mute = true;
  const { capture, kept, errors } = made();
  void capture.start();
  await seconds(3.5);
  expect(FakeRecorder.all).toHaveLength(1);
  [FakeRecorder.mute, FakeRecorder.speaking] = [false, true];
  await seconds(1);
  expect(FakeRecorder.all).toHaveLength(2);
  await seconds(5);
  expect(reasons(kept)).toContain("watchdog");
  await capture.stop();
  expect(errors).toEqual([]);
});
