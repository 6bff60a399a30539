// The catalog as a crash leaves it: the files as they lie at some moment, opened again.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, test } from "vitest";
import type { SegmentFacts } from "../../protocol/recording.ts";
import { Catalog, makeId } from "./catalog.ts";

const facts: SegmentFacts = { browser: "other", version: 1, mimeType: "video/webm", startCallMs: 0, startEventMs: 0 };

/** What lies on the disk now, with the log cut short by so many bytes: a write that the crash tore. */
function crash(folder: string, to: string, tornBytes: number): string {
  mkdirSync(to);
  for (const name of ["catalog.sqlite", "catalog.sqlite-wal"]) {
    if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(to, name));
  }
  if (tornBytes > 0) truncateSync(join(to, "catalog.sqlite-wal"), tornBytes);
  return join(to, "catalog.sqlite");
}

async function begin(folder: string) {
  const catalog = await Catalog.open(join(folder, "catalog.sqlite"));
  const room = await catalog.addRoom("Crash");
  const participant = makeId("par");
  await catalog.saveParticipant({ id: participant, roomId: room.id, name: "Asha", role: "host", consentedAt: 1 });
  const recording = await catalog.addRecording({ roomId: room.id, startedAt: 1, zeroMs: 0, epoch: "test" });
  return { catalog, track: await catalog.trackFor(recording.id, participant, "camera") };
}

function integrity(file: string): string {
  const db = new DatabaseSync(file);
  try {
    return JSON.stringify(db.prepare("PRAGMA integrity_check").all());
  } finally {
    db.close();
  }
}

test("whatever the moment of a crash, everything that had resolved is there and the file is sound", async () => {
  const folder = mkdtempSync(join(tmpdir(), "doubletake-catalog-"));
  const { catalog, track } = await begin(folder);
  const sealed: string[] = [];
  for (let round = 0; round < 30; round++) {
    const id = makeId("seg");
    await catalog.addSegment(id, track.id, facts);
    await catalog.sealSegment(id, "0".repeat(64));
    sealed.push(id);
    const file = crash(folder, join(folder, `after-${round}`), 0);
    expect(integrity(file)).toContain('"ok"');
    const left = await Catalog.open(file);
    for (const each of sealed) expect((await left.segment(each))?.sha256).toBe("0".repeat(64));
    await left.close();
  }
  await catalog.close();
});

test("a log that a crash tore at any place opens, is sound, and has lost only what the tear took", async () => {
  const folder = mkdtempSync(join(tmpdir(), "doubletake-catalog-"));
  const { catalog, track } = await begin(folder);
  for (let i = 0; i < 20; i++) await catalog.addSegment(makeId("seg"), track.id, facts);
  let most = 0;
  for (let torn = 1; torn < 120_000; torn += 7919) {
    const file = crash(folder, join(folder, `torn-${torn}`), torn);
    expect(integrity(file)).toContain('"ok"');
    const left = await Catalog.open(file);
    const count = (await left.segments(track.recordingId)).length;
    expect(count, "a longer log never tells less").toBeGreaterThanOrEqual(most);
    most = count;
    await left.close();
  }
  await catalog.close();
});
