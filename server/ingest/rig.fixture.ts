// A spool over a disk in memory and a real catalog, and somebody who sends one segment to it until it is sealed.
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SegmentFacts } from "../../protocol/recording.ts";
import { Catalog, makeId, type TrackRow } from "../store/catalog.ts";
import { Disk } from "../store/disk.ts";
import { ModelDisk } from "../store/files.fixture.ts";
import type { Files } from "../store/files.ts";
import type { Inspector } from "./segment.ts";
import { Spool, type SpoolOptions } from "./spool.ts";

export const facts: SegmentFacts = { browser: "chromium", version: 156, mimeType: "video/webm", startCallMs: 1, startEventMs: 2 };

/** Numbers that look random and are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value = (value + Math.imul(value ^ (value >>> 7), value | 61)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function noise(length: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = randomOf(seed);
  return Uint8Array.from({ length }, () => random() * 256);
}

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export type SpoolChoice = Partial<
  Pick<SpoolOptions, "catalog" | "mostOpen" | "mostSegments" | "inspect" | "onTrouble" | "hangMs" | "disk" | "reserveBytes">
>;

/** Notes the bytes as the aligner would see them. */
export function witness(): Inspector & { seen: Uint8Array[] } {
  const seen: Uint8Array[] = [];
  return {
    seen,
    push: (bytes) => void seen.push(Buffer.from(bytes)),
    chunk: () => undefined,
    clock: () => undefined,
    reset: () => void seen.splice(0),
  };
}

export class Rig {
  private constructor(
    readonly root: string,
    readonly catalog: Catalog,
    readonly track: TrackRow,
  ) {}

  static async open(): Promise<Rig> {
    const root = mkdtempSync(join(tmpdir(), "doubletake-spool-"));
    const catalog = await Catalog.open(join(root, "catalog.sqlite"));
    return new Rig(root, catalog, await Rig.track(catalog));
  }

  static async track(catalog: Catalog): Promise<TrackRow> {
    const room = await catalog.addRoom("Rig");
    const participant = makeId("par");
    await catalog.saveParticipant({ id: participant, roomId: room.id, name: "Asha", role: "host", consentedAt: 1 });
    const recording = await catalog.addRecording({ roomId: room.id, startedAt: 1, zeroMs: 0, epoch: "test" });
    return await catalog.trackFor(recording.id, participant, "camera");
  }

  /** As after a start of the server. */
  spool(files: Files, choice: SpoolChoice = {}): Spool {
    return new Spool({
      catalog: this.catalog,
      disk: new Disk(this.root, files),
      reserveBytes: 0,
      inspect: witness,
      onAdvance: () => undefined,
      ...choice,
    });
  }

  path(segment: string): string {
    return join(this.root, "recordings", this.track.recordingId, "tracks", this.track.id, `${segment}.webm`);
  }
}

/** A device that holds all of `source` and remembers what it was promised. */
export class Device {
  readonly segment = makeId("seg");
  /** The most the server ever acked. */
  acked = 0;
  sealed = false;

  constructor(
    readonly rig: Rig,
    readonly source: Uint8Array<ArrayBuffer>,
    readonly chunkBytes: number,
  ) {}

  /** One round of the one loop: asks for the offset, sends, finishes. Throws what the server throws. */
  async round(spool: Spool, onOffset: (offset: number) => void = () => undefined): Promise<void> {
    const { track } = this.rig;
    const { row, offset } = await spool.open(track, this.segment, facts);
    onOffset(offset);
    const file = row.sha256 ? null : await spool.file(track, row);
    // Goes with what is sent next, and fails with it.
    file?.clock([{ sentMs: offset, receivedMs: offset + 1, serverMs: 3, epoch: "test" }]).catch(() => undefined);
    for (let at = offset; file && at < this.source.length; at += this.chunkBytes) {
      const bytes = this.source.subarray(at, at + this.chunkBytes);
      const frame = { handle: 0, sequence: Math.floor(at / this.chunkBytes), offset: at, endOffset: at + bytes.length, eventMs: at, bytes };
      this.acked = Math.max(this.acked, await file.append(frame));
    }
    await spool.seal(track, row, this.source.length, sha256(this.source));
    this.sealed = true;
  }

  async roundOrError(spool: Spool, onOffset?: (offset: number) => void): Promise<unknown> {
    try {
      await this.round(spool, onOffset);
      return null;
    } catch (error) {
      return error;
    }
  }
}

export { ModelDisk };
