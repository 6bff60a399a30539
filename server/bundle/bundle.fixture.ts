// For tests: servers without anything but a catalog and a disk, one of them with a recording of two people and what was said about it.
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import yazl from "yazl";
import { bundleFormat, bundleVersion, manifestPath } from "../../protocol/bundle.ts";
import type { SegmentFacts } from "../../protocol/facts.ts";
import type { Timeline } from "../../protocol/timeline.ts";
import { Access } from "../store/access.ts";
import { Catalog, makeId } from "../store/catalog.ts";
import { Disk } from "../store/disk.ts";
import { type Files, realFiles } from "../store/files.ts";
import { Keys } from "../store/keys.ts";
import { Packing } from "./pack.ts";
import { Unpacking } from "./unpack.ts";

export const adminKey = "an-admin-key-of-the-test";
export const admin = { key: adminKey, token: null };
/** What Kim spoke; nobody looks into it here. */
export const voice = Buffer.from("said, not written");
export const filmBytes = Buffer.from("header window window");

export interface BareServer {
  folder: string;
  catalog: Catalog;
  disk: Disk;
  keys: Keys;
  packing: Packing;
  unpacking: Unpacking;
  /** Recordings that were told to be there. */
  arrived: string[];
  /** Everything in the data folder that belongs to a recording, or is on its way to. */
  left: () => string[];
}

export async function bareServer(files: Files = realFiles, hidden = false): Promise<BareServer> {
  const folder = mkdtempSync(join(tmpdir(), "doubletake-bundle-"));
  const catalog = await Catalog.open(join(folder, "catalog.sqlite"));
  onTestFinished(async () => {
    await catalog.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const disk = new Disk(folder, files);
  const keys = new Keys(folder, adminKey);
  const access = new Access(catalog, keys);
  const arrived: string[] = [];
  const head = join(folder, "film.head");
  writeFileSync(head, filmBytes);
  return {
    folder,
    catalog,
    disk,
    keys,
    arrived,
    packing: new Packing({
      catalog,
      disk,
      access,
      timeline: (id) => disk.readTimeline(id),
      film: () => ({ head, windows: [] }),
      hidden: async () => hidden,
      mayReadCards: (credentials, id) => access.hosts(credentials, id),
    }),
    unpacking: new Unpacking({
      catalog,
      disk,
      access,
      reserveBytes: 0,
      inspect: () => ({ push: () => undefined, end: () => ({ kind: "voice", durationMs: 1500, bytes: voice.length }) }),
      log: pino({ level: "silent" }),
      onArrived: (id) => arrived.push(id),
    }),
    left: () => ["recordings", "incoming"].flatMap((at) => (folderExists(join(folder, at)) ? readdirSync(join(folder, at)) : [])),
  };
}

function folderExists(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

const run = (mimeType: string): SegmentFacts => ({
  browser: "chromium",
  version: 140,
  mimeType,
  startCallMs: 1000.5,
  startEventMs: null,
});
const media = (fill: number) => Buffer.alloc(3000, fill);

/** Asha with two segments, Björn with one in an MP4; a thread, a reply, scores, chat, a bookmark, a pause. */
export async function recorded({ catalog, disk }: BareServer) {
  const room = await catalog.addRoom("Debrief");
  const { id } = await catalog.addRecording({ roomId: room.id, startedAt: 1_790_000_000_000, zeroMs: 12.25, epoch: "boot-1" });
  const people: string[] = [];
  const tracks: Timeline["tracks"] = [];
  for (const [index, name] of ["Asha", "Björn Å"].entries()) {
    const person = makeId("par");
    people.push(person);
    await catalog.saveParticipant({ id: person, roomId: room.id, name, role: "guest", consentedAt: 5 });
    const track = await catalog.trackFor(id, person, "camera");
    await disk.keepPlate(id, track.id, { name, plate: null });
    const segments: Timeline["tracks"][number]["segments"] = [];
    for (const number of index === 0 ? [0, 1] : [0]) {
      const segment = makeId("seg");
      const mimeType = index === 0 ? "video/webm;codecs=vp8,opus" : "video/mp4";
      await catalog.addSegment(segment, track.id, run(mimeType));
      const file = disk.segmentName(track.id, segment, mimeType);
      const bytes = media(10 * index + number);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      await catalog.sealSegment(segment, sha256);
      write(join(disk.recording(id), file), bytes);
      const lines = [{ segment: run(mimeType) }, { chunk: { sequence: 0, endOffset: 3000, eventMs: 5 } }];
      write(join(disk.recording(id), file.replace(/\.\w+$/, ".facts.jsonl")), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
      const startMs = number * 5000;
      const times = { startMs, endMs: startMs + 4000, map: [{ mediaMs: 0, atMs: startMs }], audioShiftMs: 0 };
      segments.push({ id: segment, file, mimeType, bytes: bytes.length, sealed: true, sha256, ...times });
    }
    await catalog.markTrack(track.id, { ended: 1 });
    const clock = { offsetMs: 0, driftPpm: 0, uncertaintyMs: 1 };
    tracks.push({
      id: track.id,
      participant: { id: person, name },
      source: "camera",
      plate: disk.plateName(track.id),
      clock,
      gaps: [],
      segments,
    });
  }
  await catalog.stopRecording(id, 9000);
  await disk.writeTimeline({
    version: 1,
    recordingId: id,
    roomId: room.id,
    roomName: room.name,
    startedAt: new Date(1_790_000_000_000).toISOString(),
    durationMs: 9000,
    tracks,
  });
  await say(catalog, disk, id, people, room.id);
  return { id, room, people };
}

/** It was a role play, and Olu, who only looked on, whispered to Björn. */
export async function practised({ catalog, disk }: BareServer, { id, room, people }: Awaited<ReturnType<typeof recorded>>): Promise<void> {
  const [asha = "", ben = ""] = people;
  const scenario = {
    title: "Talk",
    roles: [
      { id: "one", title: "One", card: "SECRET-ONE" },
      { id: "two", title: "Two", card: "SECRET-TWO" },
    ],
    personas: [{ title: "SECRET-PERSONA", cards: { two: "SECRET-ADDED" } }],
  };
  const cast = { one: { id: asha, name: "Asha" }, two: { id: makeId("par"), name: "Left" } };
  await catalog.plays.saveScene({ recordingId: id, scenario: JSON.stringify(scenario), persona: 0, cast: JSON.stringify(cast) });
  const olu = makeId("par");
  await catalog.saveParticipant({ id: olu, roomId: room.id, name: "Olu", role: "observer", consentedAt: null });
  const track = await catalog.trackFor(id, olu, `whisper:${ben}`);
  const segment = makeId("seg");
  const mimeType = "audio/webm;codecs=opus";
  await catalog.addSegment(segment, track.id, run(mimeType));
  const bytes = media(77);
  await catalog.sealSegment(segment, createHash("sha256").update(bytes).digest("hex"));
  const file = join(disk.recording(id), disk.segmentName(track.id, segment, mimeType));
  write(file, bytes);
  write(file.replace(/\.\w+$/, ".facts.jsonl"), `${JSON.stringify({ segment: run(mimeType) })}\n`);
  await catalog.markTrack(track.id, { ended: 1 });
}

async function say(catalog: Catalog, disk: Disk, recordingId: string, people: string[], roomId: string): Promise<void> {
  const { feedback } = catalog;
  const [asha = "", ben = ""] = people;
  await catalog.pause(recordingId, 4000);
  await catalog.resume(recordingId, 5000);
  await catalog.addMessage({ id: makeId("msg"), recordingId, participantId: makeId("par"), name: "Olu", body: "hi", sentMs: 7, atMs: 70 });
  const [track] = await catalog.tracks(recordingId);
  const lines = [
    { trackId: track!.id, fromMs: 10, toMs: 900, body: "Hello." },
    { trackId: null, fromMs: 1000, toMs: 1200, body: "Who said that?" },
  ];
  await catalog.captions.replace(recordingId, [track!.id, null], "file", lines);
  await catalog.addBookmark({ id: makeId("bmk"), recordingId, participantId: asha, name: "Asha", atMs: 80 });
  await feedback.saveGuide({
    roomId,
    markers: JSON.stringify([{ id: "good", name: "Good", colour: "green" }]),
    rubric: JSON.stringify({
      title: "R",
      items: [
        {
          id: "calm",
          title: "Calm",
          scale: [
            { value: 1, anchor: "no" },
            { value: 2, anchor: "yes" },
          ],
        },
      ],
    }),
    independent: 0,
  });
  const kim = await feedback.addReviewer({ recordingId, name: "Kim", participantId: asha, claimedId: null, shareId: null });
  const lee = await feedback.addReviewer({ recordingId, name: "Lee", participantId: null, claimedId: null, shareId: null });
  await feedback.saw([{ reviewerId: kim.id, ofId: lee.id }]);
  await feedback.reveal(recordingId);
  const base = { recordingId, endMs: null, participantId: null, marker: null, standing: "guest", parentId: null, reviewerId: null };
  const first = await feedback.addComment({
    ...base,
    atMs: 1234,
    endMs: 2000,
    participantId: ben,
    body: "<b>well</b> said",
    marker: "good",
    author: "Kim",
    reviewerId: kim.id,
  });
  await feedback.editComment(first.id, 1, { resolvedAt: 77 });
  const sent = await catalog.attachments.begin({ recordingId, reviewerId: lee.id, standing: "guest" });
  await catalog.attachments.finish(sent.id, { kind: "voice", durationMs: 1500, bytes: voice.length });
  write(join(disk.recording(recordingId), disk.attachmentName(sent.id)), voice);
  await feedback.addCommentWith(sent.id, { ...base, atMs: 1234, body: "thanks", author: "Lee", parentId: first.id, reviewerId: lee.id });
  await feedback.addComment({ ...base, atMs: 10, body: "early", author: null });
  await feedback.saveScore({
    recordingId,
    reviewerId: kim.id,
    aboutId: ben,
    item: "calm",
    value: 2,
    words: "very",
    evidence: JSON.stringify([{ atMs: 1, endMs: null }]),
    changedAt: 9,
  });
}

function write(path: string, content: Buffer | string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

export async function packed({ packing }: BareServer, id: string): Promise<Buffer> {
  return await buffer((await packing.pack(admin, id)).flow);
}

/** A zip of these files, in this order, with a manifest that is true of them unless one is among them. */
export async function zipped(
  files: Record<string, Buffer | string>,
  options: { compress?: boolean; manifest?: object } = {},
): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  const listed = Object.entries(files).map(([path, content]) => {
    const bytes = Buffer.from(content);
    zip.addBuffer(bytes, path, { compress: options.compress ?? false });
    return { path, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
  });
  const manifest = { format: bundleFormat, version: bundleVersion, madeAt: "2026-01-01T00:00:00Z", files: listed, ...options.manifest };
  if (!(manifestPath in files)) zip.addBuffer(Buffer.from(JSON.stringify(manifest)), manifestPath, { compress: options.compress ?? false });
  zip.end();
  return await buffer(zip.outputStream);
}

/** In pieces, as a connection would bring it. */
export function arriving(bytes: Uint8Array): Readable {
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += 5000) yield Buffer.from(bytes.subarray(at, at + 5000));
  };
  return Readable.from(pieces(), { objectMode: false });
}
