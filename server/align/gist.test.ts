// A segment that has ended is placed by the gist of its packets exactly as by the packets themselves, whatever is learned of its clock afterwards.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChunkFacts, ClockSample, GraphReading, SegmentFacts } from "../../protocol/recording.ts";
import type { Packet, Stream } from "./container.ts";
import type { Media } from "./extent.ts";
import { withoutPackets } from "./gist.ts";
import { withoutReadings } from "./map.ts";
import { Packets } from "./packets.ts";
import { coveredMs, type RecordingInput, type SegmentInput, type TrackInput, timelineOf } from "./timeline.ts";

const zeroMs = 5_000_000;
const none = { sampleFormat: null, turned: 0, mirrored: false, lengthPrefixed: false, extra: null } as const;
const streams: Stream[] = [
  { number: 1, kind: "video", codec: "vp8", width: 640, height: 360, sampleRate: 0, channels: 0, preSkip: 0, ...none },
  { number: 2, kind: "audio", codec: "opus", width: 0, height: 0, sampleRate: 48_000, channels: 1, preSkip: 312, ...none },
];

/** What a recorder may have left: pictures and sound, or one of them, with holes, jitter and lost time. */
const worlds = fc.record({
  seconds: fc.integer({ min: 1, max: 40 }),
  kinds: fc.constantFrom("both", "sound", "pictures", "pictures late"),
  browser: fc.constantFrom("chromium" as const, "firefox" as const, "other" as const),
  damagedAt: fc.option(fc.integer({ min: 0, max: 600 })),
  lostMs: fc.constantFrom(0, 0, 120, 700),
  jitterMs: fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 3, maxLength: 11 }),
  offMs: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 8, maxLength: 30 }),
  seen: fc.boolean(),
  read: fc.boolean(),
});
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

function packetsOf({ seconds, kinds, damagedAt, offMs }: World): Packet[] {
  const stamped: Omit<Packet, "offset" | "afterDamage">[] = [];
  const pictures = kinds === "sound" ? 0 : seconds * 30;
  for (let index = kinds === "pictures late" ? 60 : 0; index < pictures; index++)
    stamped.push({
      stream: 1,
      kind: "video",
      mediaMs: Math.max(0, index * 33 + offMs[index % offMs.length]! / 2),
      size: 900,
      key: index % 30 === 0,
      samples: 0,
    });
  for (let index = 0; kinds !== "pictures" && index < seconds * 50; index++)
    stamped.push({ stream: 2, kind: "audio", mediaMs: index * 20, size: 80, key: true, samples: 960 });
  stamped.sort((a, b) => a.mediaMs - b.mediaMs);
  let offset = 300;
  return stamped.map((packet, index) => {
    offset += packet.size + 6;
    return { ...packet, offset: offset - packet.size, afterDamage: index === damagedAt };
  });
}

function chunksOf(packets: readonly Packet[], { seconds, lostMs, jitterMs }: World): ChunkFacts[] {
  return Array.from({ length: seconds }, (_, sequence) => {
    const last = packets.findLast(({ mediaMs }) => mediaMs < (sequence + 1) * 1000);
    const eventMs = zeroMs + (sequence + 1) * 1000 + 60 + jitterMs[sequence % jitterMs.length]! + (sequence > seconds / 2 ? lostMs : 0);
    return { sequence, endOffset: last ? last.offset + last.size : 300, eventMs };
  });
}

/** Half of the recording is over when time is lost. */
const readings = (everyMs: number, seconds: number, lostMs: number): GraphReading[] =>
  Array.from({ length: Math.floor((seconds * 1000) / everyMs) }, (_, index) => {
    const browserMs = zeroMs + index * everyMs;
    return { browserMs, mediaMs: 5000 + index * everyMs - (index * everyMs > seconds * 500 ? lostMs : 0) };
  }).filter(({ mediaMs }, index, all) => index === 0 || mediaMs >= all[index - 1]!.mediaMs);

function samplesOf(packets: readonly Packet[], { seconds, seen, read, lostMs }: World): ClockSample[] {
  const pings = Array.from({ length: seconds }, (_, second) => {
    const sentMs = zeroMs + second * 1000;
    return { sentMs, receivedMs: sentMs + 4 + (second % 3), serverMs: sentMs + 2 + second / 50, epoch: "e" };
  });
  const pictures = packets.filter(({ kind }) => kind === "video").slice(0, 40);
  const sightings = pictures.map(({ mediaMs }, index) => ({ stampMs: 700 + mediaMs, browserMs: zeroMs + 100 + mediaMs + (index % 4) }));
  const shown = seen && sightings.length > 0 ? [{ ...pings[0]!, sightings }, ...pings.slice(1)] : pings;
  // Asked for by no browser but Firefox; a look at the recorder is a sample without a ping.
  const look = { sentMs: zeroMs + seconds * 1000, receivedMs: zeroMs + seconds * 1000, serverMs: 0, epoch: "" };
  return read ? [...shown, { ...look, graph: readings(125, seconds, lostMs), pulses: readings(60, seconds, lostMs) }] : shown;
}

const factsOf = (browser: World["browser"]): SegmentFacts => ({
  browser,
  version: 156,
  mimeType: "video/webm",
  startCallMs: zeroMs - 46,
  startEventMs: zeroMs,
});

function worldAs(world: World, ended: boolean): (correctionMs: number) => unknown {
  const rows = packetsOf(world);
  const list = new Packets();
  for (const packet of rows) list.push(packet);
  const whole: Media = { streams, packets: list };
  const bytes = (rows.at(-1)?.offset ?? 0) + (rows.at(-1)?.size ?? 0);
  // A chunk that is not here yet says nothing.
  const chunks = [...chunksOf(rows, world), { sequence: world.seconds, endOffset: bytes + 1, eventMs: zeroMs + 3 }];
  const facts = factsOf(world.browser);
  const here = chunks.filter(({ endOffset }) => endOffset <= bytes);
  const samples = samplesOf(rows, world);
  const segment: SegmentInput = {
    id: "seg_01kb0000000000000000000000",
    file: "a.webm",
    mimeType: "video/webm",
    bytes,
    sealed: true,
    quiet: false,
    sha256: "0".repeat(64),
    facts,
    chunks,
    samples: ended ? withoutReadings(facts, here, samples, list) : samples,
    media: ended ? withoutPackets(whole, here, facts) : whole,
  };
  return (correctionMs) => {
    const participant = { id: "par_01kb0000000000000000000000", name: "Ada" };
    const open = { closed: false, lost: false, quiet: false } as const;
    const track: TrackInput = {
      id: "trk_01kb0000000000000000000000",
      participant,
      source: "camera",
      segments: [segment],
      correctionMs,
      ...open,
    };
    const recording: RecordingInput = {
      id: "rec_01kb0000000000000000000000",
      roomId: "room_01kb0000000000000000000000",
      roomName: "Room",
      startedAt: new Date(1_800_000_000_000).toISOString(),
      zeroMs,
      epoch: "e",
      durationMs: world.seconds * 1000,
      tracks: [track],
    };
    return { timeline: timelineOf(recording), covered: coveredMs(track, recording) };
  };
}

test("the timeline is the same without the packets, also once the clock was put right", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const [whole, gone] = [worldAs(world, false), worldAs(world, true)];
      for (const correctionMs of [0, 35.5, 0]) expect(gone(correctionMs)).toEqual(whole(correctionMs));
    }),
    { numRuns: 60 },
  );
});

test("a packet that was let go is not made up", () => {
  const list = new Packets();
  for (const packet of packetsOf({
    seconds: 2,
    kinds: "both",
    browser: "other",
    damagedAt: null,
    lostMs: 0,
    jitterMs: [1],
    offMs: [0],
    seen: false,
    read: false,
  }))
    list.push(packet);
  const { packets } = withoutPackets({ streams, packets: list }, [], factsOf("other"));
  expect(packets.length).toBe(list.length);
  expect(() => packets.at(0)).toThrow(/let go/);
  expect(() => [...packets]).toThrow(/let go/);
});
