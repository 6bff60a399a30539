import { expect, test } from "vitest";
import { Timeline } from "../../protocol/timeline.ts";
import { Container } from "./container.ts";
import { cluster, opus20ms, webmHead, webmSegment } from "./media.fixture.ts";
import { coveredMs, type RecordingInput, type SegmentInput, type TrackInput, timelineOf, watermarkOf } from "./timeline.ts";

const id = (prefix: string, letter: string) => `${prefix}_${letter.repeat(26)}`;
const zeroMs = 1000;

function segment(letter: string, startMs: number, bytes: Uint8Array, more: Partial<SegmentInput> = {}): SegmentInput {
  const container = new Container();
  container.push(bytes);
  return {
    id: id("seg", letter),
    file: `tracks/t/${letter}.webm`,
    mimeType: "video/webm",
    bytes: bytes.length,
    sealed: true,
    quiet: false,
    sha256: "0".repeat(64),
    // The browser's clock is the server's; the sound begins with the picture, so media time 0 is 46 ms after the call.
    facts: {
      browser: "chromium",
      version: 156,
      mimeType: "video/webm",
      startCallMs: zeroMs + startMs - 46,
      startEventMs: zeroMs + startMs,
    },
    chunks: [],
    samples: [{ sentMs: 0, receivedMs: 0, serverMs: 0, epoch: "e" }],
    media: container,
    ...more,
  };
}

const track = (segments: SegmentInput[], more: Partial<TrackInput> = {}): TrackInput => ({
  id: id("trk", "1"),
  participant: { id: id("par", "1"), name: "Ada" },
  source: "camera",
  segments,
  closed: false,
  lost: false,
  quiet: false,
  ...more,
});

const recording = (tracks: TrackInput[], more: Partial<RecordingInput> = {}): RecordingInput => ({
  id: id("rec", "1"),
  roomId: id("room", "1"),
  roomName: "Kitchen",
  startedAt: "2026-11-22T12:00:00.000Z",
  zeroMs,
  epoch: "e",
  durationMs: null,
  tracks,
  ...more,
});

test("a track's segments are placed in the order of time, with a gap where it was away", () => {
  const [one, two] = [segment("1", 500, webmSegment(3)), segment("2", 10_000, webmSegment(2))];
  const timeline = timelineOf(recording([track([two, one])]));
  expect(Timeline.safeParse(timeline).success).toBe(true);
  const [only] = timeline.tracks;
  expect(only!.segments.map(({ id: name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
    // Sound is moved 57 ms forward, so it begins the segment; the last picture is shown for a frame.
    [one.id, 443, 3500],
    [two.id, 9943, 12_000],
  ]);
  expect(only!.gaps).toEqual([{ fromMs: 3500, toMs: 9943, reason: "rejoined" }]);
  expect(only!.clock).toEqual({ offsetMs: 500, driftPpm: 0, uncertaintyMs: 5 });
});

test("a segment that has no media yet is left out", () => {
  const timeline = timelineOf(recording([track([segment("1", 0, webmHead())])]));
  expect(timeline.tracks[0]!.segments).toEqual([]);
  expect(timeline.tracks[0]!.gaps).toEqual([]);
});

test("what damage took is a gap", () => {
  const bytes = webmSegment(5);
  const second = bytes.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]), webmHead().length + 4);
  bytes.fill(0xee, second, second + 40);
  const { gaps } = timelineOf(recording([track([segment("1", 0, bytes)])])).tracks[0]!;
  expect(gaps.map((gap) => gap.reason)).toEqual(["damaged", "damaged"]);
  expect(gaps[0]!.fromMs).toBeGreaterThan(900);
  expect(gaps[0]!.toMs).toBe(2000);
});

test("a track that was given up on is marked as lost up to the end", () => {
  const { gaps } = timelineOf(recording([track([segment("1", 0, webmSegment(2))], { closed: true, lost: true })], { durationMs: 9000 }))
    .tracks[0]!;
  expect(gaps).toEqual([{ fromMs: 2000, toMs: 9000, reason: "lost" }]);
});

test("a growing track covers what both its picture and its sound reach", () => {
  const growing = segment("1", 500, webmSegment(3), { sealed: false });
  const covered = coveredMs(track([growing]), recording([]));
  expect(covered).toBeGreaterThan(500 + 2900 - 57);
  expect(covered).toBeLessThan(500 + 3000);
});

test("a picture that went quiet holds the watermark back by no more than the delivery time", () => {
  const sound = Array.from({ length: 250 }, (_, index) => ({ track: 2 as const, relativeMs: index * 20, key: true, payload: opus20ms }));
  const bytes = Buffer.concat([webmHead(), cluster(0, [{ track: 1, relativeMs: 0, key: true, payload: opus20ms }, ...sound])]);
  const chunks = [{ sequence: 0, endOffset: bytes.length, eventMs: zeroMs + 5060 }];
  const covered = coveredMs(track([segment("1", 0, bytes, { sealed: false, chunks })]), recording([]));
  expect(covered).toBe(5060 - 1500);
});

test("an event that came late covers nothing that is not here", () => {
  const bytes = webmSegment(3);
  const chunks = [{ sequence: 0, endOffset: bytes.length, eventMs: zeroMs + 60_000 }];
  expect(coveredMs(track([segment("1", 0, bytes, { sealed: false, chunks })]), recording([]))).toBeLessThan(3000);
});

test("an announced track holds everything, a closed one nothing, one between two segments its end", () => {
  expect(coveredMs(track([]), recording([]))).toBe(0);
  expect(coveredMs(track([segment("1", 0, webmHead(), { sealed: false })]), recording([]))).toBe(0);
  expect(coveredMs(track([], { closed: true }), recording([]))).toBe(Number.POSITIVE_INFINITY);
  expect(coveredMs(track([segment("1", 0, webmSegment(2))]), recording([]))).toBe(2000);
  const next = segment("2", 5000, webmHead(), { sealed: false });
  expect(coveredMs(track([segment("1", 0, webmSegment(2)), next]), recording([]))).toBe(2000);
});

test("an unsealed segment holds the watermark although a later one has come further", () => {
  const first = segment("1", 0, webmSegment(2), { sealed: false });
  expect(coveredMs(track([first, segment("2", 9000, webmSegment(3))]), recording([]))).toBeLessThanOrEqual(2000);
});

test("a segment that went quiet holds nothing once a later one grows, and a track that went quiet holds nobody", () => {
  const left = segment("1", 0, webmSegment(2), { sealed: false, quiet: true });
  const growing = segment("2", 9000, webmSegment(3), { sealed: false });
  expect(coveredMs(track([left, growing]), recording([]))).toBeGreaterThan(11_000);
  expect(coveredMs(track([left]), recording([]))).toBe(2000);
  expect(coveredMs(track([left], { quiet: true }), recording([]))).toBe(Number.POSITIVE_INFINITY);
});

test("the watermark is the least that any track covers, and never beyond the recording's own clock", () => {
  expect(watermarkOf([5000, Number.POSITIVE_INFINITY, 3000], 9000)).toBe(3000);
  expect(watermarkOf([Number.POSITIVE_INFINITY], 9000)).toBe(9000);
  expect(watermarkOf([-40])).toBe(0);
});

test("a growing segment's timeline is the one that its bytes give afresh", () => {
  const bytes = webmSegment(4);
  const growing = segment("1", 500, bytes.subarray(0, 3000), { sealed: false });
  const container = growing.media as Container;
  timelineOf(recording([track([growing])]));
  container.push(bytes.subarray(3000));
  const grown = timelineOf(recording([track([{ ...growing, bytes: bytes.length }])]));
  expect(grown).toEqual(timelineOf(recording([track([segment("1", 500, bytes, { sealed: false })])])));
});

/** What a page says each second while its recorder has nothing new. */
const still = (atMs: number, bytes: number) => ({ sentMs: zeroMs + atMs, receivedMs: zeroMs + atMs, serverMs: 0, epoch: "", bytes });
const ping = { sentMs: 0, receivedMs: 0, serverMs: 0, epoch: "e" };
/** A shared screen without sound: one picture. */
const screenBytes = Buffer.concat([webmHead(), cluster(0, [{ track: 1, relativeMs: 0, key: true, payload: opus20ms }])]);
const pictures = (share: SegmentInput): SegmentInput => {
  const { media } = share;
  return { ...share, media: { streams: media.streams.filter((stream) => stream.kind === "video"), packets: media.packets } };
};

test("a still screen covers up to its last word, less the delivery, as far as its bytes are here", () => {
  const bytes = screenBytes.length;
  const samples = [ping, still(9000, bytes), still(30_000, bytes), still(40_000, bytes + 1)];
  const covered = coveredMs(track([pictures(segment("1", 500, screenBytes, { sealed: false, samples }))]), recording([]));
  expect(covered).toBe(30_000 - 5000);
});

test("a segment without any media yet covers what its recorder was silent for", () => {
  const silent = segment("1", 500, webmHead().subarray(0, 0), { sealed: false, samples: [ping, still(20_000, 0)] });
  expect(coveredMs(track([silent]), recording([]))).toBe(15_000);
});

test("where there is sound, a word without news covers nothing", () => {
  const growing = segment("1", 500, webmSegment(3), { sealed: false, samples: [ping, still(60_000, 0)] });
  expect(coveredMs(track([growing]), recording([]))).toBeLessThan(500 + 3000);
});

test("a still screen stays until its recorder was stopped", () => {
  const share = pictures(segment("1", 500, screenBytes, { samples: [ping, still(44_000, screenBytes.length)] }));
  expect(timelineOf(recording([track([share])])).tracks[0]!.segments[0]!.endMs).toBe(44_000);
});

test("what its recorder said of a still screen's bytes that are not here yet says nothing of the film", () => {
  const share = pictures(segment("1", 500, screenBytes, { sealed: false, samples: [ping, still(44_000, screenBytes.length + 1)] }));
  expect(timelineOf(recording([track([share])])).tracks[0]!.segments[0]!.endMs).toBeLessThan(1000);
});

test("what a recorder lost before it was stopped is a gap, and its last picture stays; what it keeps to itself is none", () => {
  const bytes = webmSegment(3);
  const told = (atMs: number, durationMs: number | null) => {
    const samples = [ping, still(atMs, bytes.length)];
    const [only] = timelineOf(recording([track([segment("1", 500, bytes, { samples })])], { durationMs })).tracks;
    return { gaps: only!.gaps, endMs: only!.segments[0]!.endMs };
  };
  expect(told(3900, 6000)).toEqual({ gaps: [], endMs: 3500 });
  expect(told(5300, 6000)).toEqual({ gaps: [{ fromMs: 3500, toMs: 5300, reason: "slip" }], endMs: 5300 });
  // It is stopped a little after everybody is.
  expect(told(6200, 6000)).toEqual({ gaps: [{ fromMs: 3500, toMs: 6000, reason: "slip" }], endMs: 6000 });
  expect(told(5300, null)).toEqual({ gaps: [], endMs: 3500 });
});

test("a growing segment whose clock was never compared covers nothing of its own", () => {
  const growing = segment("2", 5000, webmSegment(3), { sealed: false, samples: [still(6000, 10)] });
  expect(coveredMs(track([segment("1", 0, webmSegment(2)), growing]), recording([]))).toBe(2000);
});

test("a gap is called by why the segment after it was begun", () => {
  const reasons = [undefined, "start", "rejoined", "device", "watchdog", "slip", "paused"] as const;
  const segments = reasons.map((reason, index) => {
    const plain = segment(String(index), index * 10_000, webmSegment(2));
    return { ...plain, facts: { ...plain.facts, ...(reason ? { reason } : {}) } };
  });
  const named = timelineOf(recording([track(segments)])).tracks[0]!.gaps.map(({ reason }) => reason);
  expect(named).toEqual(["rejoined", "rejoined", "device", "device", "slip", "paused"]);
});

test("a track is as uncertain as the worst of its segments, and says why", () => {
  const slow = [{ sentMs: -40, receivedMs: 40, serverMs: 0, epoch: "e" }];
  const { clock } = timelineOf(
    recording([track([segment("1", 500, webmSegment(2)), segment("2", 9000, webmSegment(2), { samples: slow })])]),
  ).tracks[0]!;
  expect(clock.uncertaintyMs).toBeGreaterThan(45);
  expect(clock.doubts).toEqual(["path"]);
  const undated = timelineOf(recording([track([segment("1", 500, webmSegment(2), { samples: [] })])])).tracks[0]!.clock;
  expect(undated.doubts).toEqual(["undated"]);
});

test("a growing segment whose recorder's own clock is read covers no more than what has been read, for three seconds at most", () => {
  const facts = {
    browser: "firefox" as const,
    version: 153,
    mimeType: "video/webm",
    startCallMs: zeroMs + 492,
    startEventMs: zeroMs + 499,
  };
  const bytes = webmSegment(8);
  const chunks = [{ sequence: 0, endOffset: bytes.length, eventMs: zeroMs + 8560 }];
  const graph = (untilMs: number) =>
    Array.from({ length: Math.floor(untilMs / 125) }, (_, index) => ({
      browserMs: zeroMs + 600 + index * 125,
      mediaMs: 700 + index * 125,
    }));
  const covered = (readMs: number, sealed = false) => {
    const samples = [ping, { sentMs: 1, receivedMs: 1, serverMs: 0, epoch: "", graph: graph(readMs) }];
    return coveredMs(track([segment("1", 500, bytes, { facts, chunks, samples, sealed })]), recording([]));
  };
  const whole = covered(0);
  expect(covered(6900)).toBeGreaterThan(6500);
  expect(covered(6900)).toBeLessThan(7100);
  expect(covered(2000)).toBeCloseTo(whole - 3000, 0);
  expect(covered(2000, true)).toBeGreaterThan(whole);
});

test("a camera that was switched off is off until it is on again, or to the end; off at the start is off from the first picture on", () => {
  const samples = (told: [number, boolean][]) => [
    { sentMs: 0, receivedMs: 0, serverMs: 0, epoch: "e" },
    ...told.map(([atMs, camera]) => ({ sentMs: zeroMs + atMs, receivedMs: zeroMs + atMs, serverMs: 0, epoch: "", camera })),
  ];
  const offOf = (told: [number, boolean][]) => {
    const input = recording([track([segment("1", 500, webmSegment(3), { samples: samples(told) })])]);
    return timelineOf(input).tracks[0]!.segments[0]!.off;
  };
  expect(offOf([])).toBeUndefined();
  expect(offOf([[1700, false]])).toEqual([{ fromMs: 1700, toMs: null }]);
  expect(
    offOf([
      [700, false],
      [800, false],
      [2000, true],
      [2500, false],
    ]),
  ).toEqual([
    { fromMs: 443, toMs: 2000 },
    { fromMs: 2500, toMs: null },
  ]);
});
