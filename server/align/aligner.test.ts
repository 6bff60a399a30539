// A recording on a real disk whose files are not all to be read: everybody else's film goes on.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { SegmentFacts } from "../../protocol/recording.ts";
import { Catalog, makeId } from "../store/catalog.ts";
import { Disk } from "../store/disk.ts";
import { Aligner } from "./aligner.ts";
import { webmSegment } from "./media.fixture.ts";

const facts: SegmentFacts = { browser: "chromium", version: 156, mimeType: "video/webm", startCallMs: 0, startEventMs: 0 };

const media = webmSegment(2);

async function stage(people: number) {
  const root = mkdtempSync(join(tmpdir(), "doubletake-aligner-"));
  const disk = new Disk(root);
  const catalog = await Catalog.open(join(root, "catalog.sqlite"));
  const room = await catalog.addRoom("Align");
  const recording = await catalog.addRecording({ roomId: room.id, startedAt: 0, zeroMs: 0, epoch: "e" });
  const segments: { id: string; path: string; facts: string }[] = [];
  for (let index = 0; index < people; index++) {
    const id = makeId("par");
    await catalog.saveParticipant({ id, roomId: room.id, name: `P${index}`, role: "guest", consentedAt: 1 });
    const track = await catalog.trackFor(recording.id, id, "camera");
    const segment = makeId("seg");
    await catalog.addSegment(segment, track.id, facts);
    await catalog.sealSegment(segment, "0".repeat(64));
    await catalog.markTrack(track.id, { ended: 1 });
    const path = join(disk.recording(recording.id), disk.segmentName(track.id, segment, facts.mimeType));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, media);
    const ping = { clock: { sentMs: 0, receivedMs: 1, serverMs: 0.5, epoch: "e" } };
    const lines = [{ segment: facts }, ping, { chunk: { sequence: 0, endOffset: media.length, eventMs: 2000 } }];
    const beside = path.replace(".webm", ".facts.jsonl");
    writeFileSync(beside, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    segments.push({ id: segment, path, facts: beside });
  }
  await catalog.stopRecording(recording.id, 2000);
  const told: string[] = [];
  const again: string[] = [];
  const aligner = new Aligner({
    catalog,
    disk,
    graceMs: 30_000,
    elapsedMs: () => 2000,
    onUnreadable: (id) => told.push(id),
    onAgain: (id) => again.push(id),
  });
  return { aligner, recording: recording.id, segments, told, again };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const lengths = (aligned: Awaited<ReturnType<Aligner["refresh"]>>) => aligned?.timeline.tracks.map(({ segments }) => segments.length);

test("a segment that cannot be read stops nobody else's film; it is tried again, and counts as soon as it can be read", async () => {
  const { aligner, recording, segments, told, again } = await stage(2);
  const [, broken] = segments;
  // Reading a folder fails with EISDIR, where a bad sector would with EIO.
  rmSync(broken!.path);
  mkdirSync(broken!.path);
  const first = await aligner.refresh(recording);
  expect(lengths(first)).toEqual([1, 0]);
  expect(first).toMatchObject({ watermarkMs: 2000, complete: false });
  expect([...aligner.unreadable(recording)]).toEqual([broken!.id]);
  await aligner.refresh(recording);
  expect(told).toEqual([broken!.id]);

  rmSync(broken!.path, { recursive: true });
  writeFileSync(broken!.path, media);
  vi.advanceTimersByTime(5000);
  expect(again).toEqual([recording]);
  const second = await aligner.refresh(recording);
  expect(lengths(second)).toEqual([1, 1]);
  expect(second?.complete).toBe(true);
  expect(aligner.unreadable(recording).size).toBe(0);
});

test("one that can never be read is given up on, and the film becomes complete without it", async () => {
  const { aligner, recording, segments, told, again } = await stage(2);
  rmSync(segments[0]!.facts);
  mkdirSync(segments[0]!.facts);
  let minutes = 0;
  for (; !(await aligner.refresh(recording))?.complete && minutes < 100; minutes++) vi.advanceTimersByTime(60_000);
  expect(minutes).toBeGreaterThanOrEqual(5);
  expect(minutes).toBeLessThan(15);
  expect(again.length).toBe(told.length - 1);
  expect([...aligner.unreadable(recording)]).toEqual([segments[0]!.id]);
  aligner.forget(recording);
  expect(aligner.unreadable(recording).size).toBe(0);
});

test("a line of facts that is no JSON is passed over, as the spool passes it over", async () => {
  const { aligner, recording, segments } = await stage(1);
  const { aligner: sound, recording: other } = await stage(1);
  writeFileSync(segments[0]!.facts, '{"chunk":{"sequence":1,"endOf}\n{"clock":7}\n', { flag: "a" });
  const [is, was] = [await aligner.refresh(recording), await sound.refresh(other)];
  expect(lengths(is)).toEqual([1]);
  expect(is?.complete).toBe(true);
  const [segment, expected] = [is?.timeline.tracks[0]?.segments[0], was?.timeline.tracks[0]?.segments[0]];
  expect(segment).toEqual({ ...expected, id: segment?.id, file: segment?.file });
});
