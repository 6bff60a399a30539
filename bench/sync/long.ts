// An hour in minutes: two synthetic tracks whose clocks drift ±200 ppm, by the real aligner, and the film of its first, middle and last minute by
// the real composer. When media time 0 was is taken for granted here (real browsers measure that): what is shown is what time adds.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { typeid } from "typeid-js";
import { alignmentOf, apart } from "../../journeys/rig/alignment.ts";
import { readFilm } from "../../journeys/rig/film.ts";
import { lookAheadMs, makeFootage } from "../../journeys/rig/footage.ts";
import { absolute, skewsOf, soundLags } from "../../journeys/rig/measure.ts";
import { place } from "../../journeys/rig/place.ts";
import { percentile } from "../../journeys/rig/sound.ts";
import type { ChunkFacts, ClockSample, SegmentFacts } from "../../protocol/recording.ts";
import type { Timeline } from "../../protocol/timeline.ts";
import { Container } from "../../server/align/container.ts";
import { type TrackInput, timelineOf } from "../../server/align/timeline.ts";
import { defaultCanvas, layoutOf } from "../../server/compose/layout.ts";
import { initSegment } from "../../server/compose/mp4.ts";
import { Renderer } from "../../server/compose/render.ts";
import { windowMs, windowOf, windowsOf } from "../../server/compose/window.ts";
import { table } from "../table.ts";

const startedAt = "2026-01-01T00:00:00.000Z";
const startedMs = Date.parse(startedAt);
const epoch = "bench";
/** The server's clock at Record. */
const zeroMs = 1_000_000;
const minuteMs = 60_000;
const pingEveryMs = 5000;

interface Musician {
  name: string;
  driftPpm: number;
  /** What the wall clock says too much. */
  wallMs: number;
  /** Recording time of the first picture. */
  fromMs: number;
}

const musicians: Musician[] = [
  { name: "Asha", driftPpm: 200, wallMs: 3_600_000, fromMs: 140 },
  { name: "Ben", driftPpm: -200, wallMs: -3_600_000, fromMs: 1740 },
];

export async function longRecording(minutes: number): Promise<void> {
  const folder = place("long");
  try {
    const durationMs = minutes * minuteMs;
    const tracks: TrackInput[] = [];
    for (const [index, musician] of musicians.entries()) tracks.push(await play(musician, index + 1, durationMs, folder.path));
    const recording = { id: typeid("rec").toString(), roomId: typeid("room").toString(), roomName: "Long" };
    const timeline = timelineOf({ ...recording, startedAt, zeroMs, epoch, durationMs, tracks });
    await judge(timeline, folder.path, durationMs);
  } finally {
    folder.close();
  }
}

/** What this musician's clock says at a recording time. */
const browserMs = ({ driftPpm, wallMs }: Musician, atMs: number) => startedMs + wallMs + atMs * (1 + driftPpm / 1e6);

async function play(musician: Musician, number: number, durationMs: number, folder: string): Promise<TrackInput> {
  const { name, fromMs, driftPpm } = musician;
  console.log(`${name} plays ${Math.round(durationMs / minuteMs)} minutes …`);
  const options = { participant: number, durationMs: durationMs - fromMs, trueMs: startedMs + fromMs, driftPpm, width: 320, height: 180 };
  const bytes = await makeFootage(options);
  const id = typeid("seg").toString();
  writeFileSync(join(folder, `${id}.webm`), bytes);
  const container = new Container();
  container.push(bytes);
  const mimeType = "video/webm;codecs=vp8,opus";
  const callMs = browserMs(musician, fromMs) - 17;
  const facts: SegmentFacts = { browser: "other", version: 0, mimeType, startCallMs: callMs, startEventMs: null };
  const segment = {
    id,
    file: `${id}.webm`,
    mimeType,
    bytes: bytes.length,
    sealed: true,
    quiet: false,
    sha256: null,
    facts,
    chunks: chunksOf(container, browserMs(musician, fromMs)),
    samples: samplesOf(musician, durationMs),
    media: container,
  };
  const participant = { id: typeid("par").toString(), name };
  return { id: typeid("trk").toString(), participant, source: "camera", segments: [segment], closed: true, lost: false, quiet: false };
}

/** A chunk a second, handed over 90 to 150 ms after its last picture. */
function chunksOf(container: Container, firstMs: number): ChunkFacts[] {
  const chunks: ChunkFacts[] = [];
  for (const packet of container.packets) {
    const second = Math.floor(packet.mediaMs / 1000);
    const chunk: ChunkFacts = {
      sequence: second,
      endOffset: packet.offset + packet.size,
      eventMs: firstMs + packet.mediaMs + 90 + ((second * 37) % 60),
    };
    chunks[second] = chunk;
  }
  return chunks;
}

/** Pings over a path of 20 to 60 ms there and back, that leans to either side by turns. */
function samplesOf(musician: Musician, durationMs: number): ClockSample[] {
  return Array.from({ length: Math.floor(durationMs / pingEveryMs) }, (_, index) => {
    const atMs = index * pingEveryMs;
    const upMs = 10 + ((index * 7) % 20);
    const downMs = 10 + ((index * 13) % 20);
    return {
      sentMs: browserMs(musician, atMs),
      serverMs: zeroMs + atMs + upMs,
      receivedMs: browserMs(musician, atMs + upMs + downMs),
      epoch,
    };
  });
}

async function judge(timeline: Timeline, folder: string, durationMs: number): Promise<void> {
  const numberOf = (name: string) => musicians.findIndex((each) => each.name === name) + 1;
  const [a, b] = await alignmentOf(timeline, folder, numberOf, () => null);
  if (!a || !b) throw new Error("a track is missing");
  const starts = [0, durationMs / 2 - minuteMs / 2, durationMs - minuteMs].map((atMs) => Math.max(0, atMs));
  const within = (track: typeof a, fromMs: number) => ({
    ...track,
    pictures: track.pictures.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + minuteMs),
    beeps: track.beeps.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + minuteMs),
  });
  const rows: (string | number)[][] = [
    ["minute from", "alignment p50", "p99", "film p50", "p99", "sound − picture p50", "p99", "Asha off", "Ben off"],
  ];
  for (const fromMs of starts) {
    const [one, two] = [within(a, fromMs), within(b, fromMs)];
    const film = await windowsAt(timeline, folder, fromMs);
    const offOf = (track: typeof a) =>
      percentile(
        track.pictures.map(({ errorMs }) => errorMs),
        50,
      );
    const figures = [absolute(apart(one, two)), absolute(film.skews), absolute(film.lags)];
    rows.push([
      `${Math.round(fromMs / 1000)} s`,
      ...figures.flatMap((values) => [percentile(values, 50), percentile(values, 99)]),
      offOf(one),
      offOf(two),
    ]);
  }
  console.log(`\n${table(rows)}\nms; stated: ±${timeline.tracks.map(({ clock }) => clock.uncertaintyMs.toFixed(1)).join(", ±")}`);
  console.log(`drift found: ${timeline.tracks.map(({ clock }) => clock.driftPpm.toFixed(1)).join(", ")} ppm`);
}

/** A minute of the film, as the composer makes it. */
async function windowsAt(timeline: Timeline, folder: string, fromMs: number): Promise<{ skews: number[]; lags: number[] }> {
  const renderer = new Renderer(folder, defaultCanvas);
  try {
    const first = Math.ceil(fromMs / windowMs);
    const last = Math.min((windowsOf(timeline) ?? 0) - 1, first + Math.floor(minuteMs / windowMs) - 1);
    const parts: Buffer[] = [];
    for (let index = first; index <= last; index++) {
      const job = windowOf(timeline, defaultCanvas, index);
      if (!job) break;
      const { bytes, format } = renderer.render(job);
      if (parts.length === 0) parts.push(initSegment(format));
      parts.push(bytes);
      await turn();
    }
    const file = join(folder, "part.mp4");
    writeFileSync(file, Buffer.concat(parts));
    const faces = ["a", "b"].map((key) => ({ key, source: "camera" as const }));
    const film = await readFilm(file, [layoutOf(faces, defaultCanvas)]);
    const middle = film.pictures.slice(90, -30);
    return {
      skews: skewsOf(middle, 0, 1, 2, true),
      lags: [1, 2].flatMap((number) => soundLags(film, middle, 0, number).map((lag) => lag - lookAheadMs)),
    };
  } finally {
    renderer.close();
  }
}
