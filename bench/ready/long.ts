// Time to watch against the length of the call, for the composer as the server runs it. The recording is as long as it says: its segments are whole
// files (a minute of footage, over and over), its list of windows is full. Only what lies more than sixteen seconds before Stop is taken as composed.
import { closeSync, linkSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pino } from "pino";
import { makeFootage } from "../../journeys/rig/footage.ts";
import { poll } from "../../journeys/rig/poll.ts";
import type { Timeline, TimelineSegment } from "../../protocol/timeline.ts";
import { Container } from "../../server/align/container.ts";
import { cluster, webmHead } from "../../server/align/media.fixture.ts";
import { hashOf } from "../../server/compose/agenda.ts";
import { Composer, type Input } from "../../server/compose/composer.ts";
import { segmentOf, timelineWith } from "../../server/compose/footage.fixture.ts";
import { defaultCanvas } from "../../server/compose/layout.ts";
import { emptyLedger, type Ledger, mainFilm, placedIndex, thumbnailFile, windowsFolder } from "../../server/compose/ledger.ts";
import { LedgerFile } from "../../server/compose/ledgerfile.ts";
import { initSegment } from "../../server/compose/mp4.ts";
import { Renderer } from "../../server/compose/render.ts";
import { windowMs, windowOf, windowTicks } from "../../server/compose/window.ts";

/** Composed live, in real time, before Stop. */
const liveMs = 16_000;
const id = "rec_00000000000000000000000000";

interface Media {
  file: string;
  /** Bytes of the file once this much of it is there; ms of the recording. */
  bytesAt: (atMs: number) => number;
}

export interface Long {
  /** From the moment the last byte is known to the composer until the film is complete, ms. */
  readyMs: number;
  windows: number;
}

/** Two people in 1280×720; `durationMs` from Record to Stop. */
export async function long(durationMs: number): Promise<Long> {
  const folder = mkdtempSync(join(tmpdir(), "ready-"));
  try {
    mkdirSync(join(folder, windowsFolder), { recursive: true });
    const media = [await makeMedia(folder, "ann.webm", 1, durationMs), await makeMedia(folder, "ben.webm", 2, durationMs)];
    const timelineAt = (atMs: number, stopped: boolean): Timeline => {
      const segment = ({ file, bytesAt }: Media): TimelineSegment => segmentOf(file, bytesAt(atMs), 0, atMs, { sealed: stopped });
      return { ...timelineWith(stopped ? durationMs : null, { Ann: [segment(media[0]!)], Ben: [segment(media[1]!)] }), recordingId: id };
    };
    const pastMs = Math.max(0, Math.floor((durationMs - liveMs) / windowMs) * windowMs);
    await writePast(folder, timelineAt(Math.max(pastMs, windowMs * 2), false), Math.round(pastMs / windowMs));
    return await finish(folder, timelineAt, pastMs, durationMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function finish(
  folder: string,
  timelineAt: (atMs: number, stopped: boolean) => Timeline,
  pastMs: number,
  durationMs: number,
): Promise<Long> {
  let input: Input = { timeline: timelineAt(pastMs + 1000, false), watermarkMs: pastMs + 1000, complete: false, folder };
  const composer = new Composer({ input: () => input, canvas: defaultCanvas, log: pino({ level: "warn" }), onChange: () => undefined });
  try {
    const startedMs = performance.now() - pastMs;
    for (let atMs = pastMs + 1000; atMs < durationMs; atMs += 1000) {
      await wait(Math.max(0, startedMs + atMs - performance.now()));
      input = { timeline: timelineAt(atMs, false), watermarkMs: atMs, complete: false, folder };
      composer.advance(id);
    }
    await wait(Math.max(0, startedMs + durationMs - performance.now()));
    input = { timeline: timelineAt(durationMs, true), watermarkMs: Number.POSITIVE_INFINITY, complete: true, folder };
    const lastByteMs = performance.now();
    composer.advance(id);
    await poll(() => composer.stateOf(id, folder).state === "ready", { what: "the film is complete", limitMs: 600_000, everyMs: 5 });
    const readyMs = performance.now() - lastByteMs;
    return { readyMs, windows: composer.windows(id, folder).length };
  } finally {
    await composer.close();
  }
}

/** A minute of footage laid end to end, as a recorder writes it: clusters of a second. */
async function makeMedia(folder: string, file: string, participant: number, durationMs: number): Promise<Media> {
  const loopMs = Math.min(60_000, durationMs);
  const footage = Buffer.from(await makeFootage({ participant, durationMs: loopMs, trueMs: 0, width: 1280, height: 720 }));
  const container = new Container();
  container.push(footage);
  const audio = container.streams.find(({ kind }) => kind === "audio");
  const head = webmHead({
    video: { codec: "V_VP8", width: 1280, height: 720 },
    audio: { codec: "A_OPUS", rate: 48_000, channels: audio?.channels ?? 1, preSkip: audio?.preSkip ?? 312, delayNs: 6_500_000 },
  });
  const ends: number[] = [];
  const out = openSync(join(folder, file), "w");
  let bytes = writeSync(out, head);
  for (let second = 0; second * 1000 < durationMs; second++) {
    const [fromMs, toMs] = [(second * 1000) % loopMs, ((second * 1000) % loopMs) + 1000];
    const here = [...container.packets].filter(({ mediaMs }) => mediaMs >= fromMs && mediaMs < toMs).sort((a, b) => a.mediaMs - b.mediaMs);
    const blocks = here.map(({ kind, key, mediaMs, offset, size }) => ({
      track: kind === "video" ? (1 as const) : (2 as const),
      relativeMs: Math.round(mediaMs - fromMs),
      key,
      payload: footage.subarray(offset, offset + size),
    }));
    bytes += writeSync(out, cluster(second * 1000, blocks));
    ends.push(bytes);
  }
  closeSync(out);
  return { file, bytesAt: (atMs) => ends[Math.max(0, Math.min(ends.length, Math.floor(atMs / 1000)) - 1)]! };
}

/** What composing would have left of the first `count` windows: one of them, by as many names. */
async function writePast(folder: string, timeline: Timeline, count: number): Promise<void> {
  if (count === 0) return;
  const renderer = new Renderer(folder, defaultCanvas);
  const at = join(folder, windowsFolder);
  const { bytes, format, thumbnail } = renderer.render(windowOf(timeline, defaultCanvas, 0)!);
  renderer.close();
  writeFileSync(join(at, "init.mp4"), initSegment(format));
  writeFileSync(join(at, "0.m4s"), bytes);
  writeFileSync(join(at, thumbnailFile("0.m4s")), thumbnail);
  const ledger: Ledger = emptyLedger(defaultCanvas);
  const placed = timeline.tracks.map(({ segments: [segment] }) => {
    const { id: name, map, audioShiftMs, startMs, endMs } = segment!;
    return placedIndex(ledger, { segment: name, map, audioShiftMs, startMs, endMs });
  });
  for (let index = 0; index < count; index++) {
    const file = `${index}.m4s`;
    if (index > 0) {
      linkSync(join(at, "0.m4s"), join(at, file));
      linkSync(join(at, thumbnailFile("0.m4s")), join(at, thumbnailFile(file)));
    }
    const job = windowOf(timeline, defaultCanvas, index)!;
    ledger.windows.push({ index, file, ticks: windowTicks, bytes: bytes.length, shape: hashOf(job), placed, missing: [] });
  }
  await new LedgerFile(folder, mainFilm, ledger).write(ledger);
}
