// The spool: segments still growing on the server. Nobody else writes media.
// Promise: one open file per segment, however many sockets come and go; a sealed segment is never written again.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ProtocolError, UserError } from "../../protocol/errors.ts";
import { SegmentFacts } from "../../protocol/facts.ts";
import type { Finished } from "../../protocol/upload.ts";
import type { Catalog, SegmentRow, TrackRow } from "../store/catalog.ts";
import type { Disk } from "../store/disk.ts";
import { readAll } from "../store/files.ts";
import { diskFull, diskHangs } from "./failure.ts";
import { type Inspector, SegmentFile } from "./segment.ts";

export interface SpoolOptions {
  catalog: Catalog;
  disk: Disk;
  /** Stop taking media when less than this is free, bytes. */
  reserveBytes: number;
  /** Asked once per segment, before any of its bytes. */
  inspect: (recordingId: string, trackId: string, segmentId: string, facts: SegmentFacts, file: string) => Inspector;
  /** After every ack, seal or end: there may be something to align and compose. */
  onAdvance: (recordingId: string) => void;
  /** Told of what nobody waits for: a segment (or all of a recording) that cannot be read back at the start, or whose file cannot be closed. */
  onTrouble?: (id: string, error: unknown) => void;
  mostOpen?: number;
  mostSegments?: number;
  hangMs?: number;
}

/** How long whoever comes back waits for what they sent before, ms: a page gives up on a server that is silent for 8.5 s and would not hear why. */
const hangMs = 7000;

/** Segments with open file handles (two each) at any time, beyond those being written this moment. */
const mostOpen = 2000;
/** Segments of one track: a device that begins a new one each minute records for 33 hours. Each costs two files and a row. */
const mostSegments = 2000;
/** Segments that are read back at the same time: enough for a disk to be busy, few enough for those who send meanwhile. */
const readAtOnce = 4;
/** How long an answer about free space is believed, ms: short against a disk filling, long against asking on every frame. */
const freeSpaceAgeMs = 1000;

/** Proofs of how a segment begins that are looked into, per segment: each reads the file. An honest device needs one, and one more for each lost answer. */
const mostProofs = 64;

/** What the older of two connections hears. */
export const replacedBy = () => new UserError("replaced", "This track is being sent over another connection.");

export class Spool {
  readonly #options: SpoolOptions;
  readonly #open = new Map<string, Promise<SegmentFile>>();
  /** Those that hold file handles, the one used last at the end. */
  readonly #awake = new Map<string, SegmentFile>();
  readonly #senders = new Map<string, () => void>();
  readonly #proofs = new Map<string, number>();
  /** Recordings of an earlier process that are not read back yet. */
  readonly #recovering = new Map<string, Promise<boolean>>();
  #free = { bytes: Number.POSITIVE_INFINITY, atMs: Number.NEGATIVE_INFINITY };

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Of two that send one track the newer wins: the older one's connection is dead more often than not. Returns how to let go. */
  claim(trackId: string, giveWay: () => void): () => void {
    this.#senders.get(trackId)?.();
    this.#senders.set(trackId, giveWay);
    return () => {
      if (this.#senders.get(trackId) === giveWay) this.#senders.delete(trackId);
    };
  }

  /** "I am about to send this segment." Answers what is durable of it. */
  async open(track: TrackRow, segmentId: string, facts: SegmentFacts): Promise<{ row: SegmentRow; offset: number }> {
    const { catalog, disk } = this.#options;
    const now = await catalog.track(track.id);
    if (!now) throw new UserError("gone", "The recording was deleted on the server.");
    const row = (await catalog.segment(segmentId)) ?? (await this.#begin(track, segmentId, facts));
    if (row.trackId !== track.id) throw new ProtocolError("wrong-segment", `segment=${segmentId} track=${track.id}`);
    if (row.refusal) throw new UserError("not-media", row.refusal);
    const path = this.#path(track.recordingId, row);
    if (row.sha256) return { row, offset: await disk.files.size(path) };
    if (now.ended || now.lost) await catalog.markTrack(track.id, { ended: 0, lost: 0 });
    const opening = this.#open.get(segmentId);
    const existing = await opening;
    // Told only the durable offset, they would send once more what still waits for a disk that hangs, each time they come back.
    if (existing) await this.#caughtUp(existing);
    if (existing?.torn) {
      await existing.setAside();
      if (this.#open.get(segmentId) === opening) this.#drop(segmentId);
    }
    const file = await this.#file(track.recordingId, row);
    this.#options.onAdvance(track.recordingId);
    return { row, offset: file.offset };
  }

  async #caughtUp(file: SegmentFile): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const hangs = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(diskHangs()), this.#options.hangMs ?? hangMs);
    });
    // What could not be kept was said to whoever sent it, and is sent again.
    const done = file.durable().catch(() => undefined);
    try {
      await Promise.race([done, hangs]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #begin(track: TrackRow, segmentId: string, facts: SegmentFacts): Promise<SegmentRow> {
    const { catalog } = this.#options;
    const count = await catalog.segmentCount(track.id);
    if (count >= (this.#options.mostSegments ?? mostSegments))
      throw new UserError("too-large", `This recording was begun anew ${count} times; the server takes no more pieces of it.`);
    return await catalog.addSegment(segmentId, track.id, facts);
  }

  /** The open file of a segment, for appending; `open` has been called for it. */
  async file(track: TrackRow, row: SegmentRow): Promise<SegmentFile> {
    await this.requireSpace();
    return this.#file(track.recordingId, row);
  }

  /** Bytes became durable. */
  advanced(recordingId: string): void {
    this.#options.onAdvance(recordingId);
  }

  /** Refuses the segment for ever: its bytes are not media. The device stops the track then, and nobody waits for it. */
  async refuse(track: TrackRow, row: SegmentRow, reason: UserError): Promise<void> {
    const { catalog } = this.#options;
    await catalog.refuseSegment(row.id, reason.message);
    const segments = await catalog.everySegment(track.recordingId);
    if (segments.every((other) => other.trackId !== track.id || other.sha256 || other.refusal))
      await catalog.markTrack(track.id, { lost: 1 });
    const file = await this.#open.get(row.id);
    this.#drop(row.id);
    await file?.setAside();
    this.#options.onAdvance(track.recordingId);
  }

  /** Everything is here and has the announced hash: closed for ever. Doing it twice is harmless. A device that lost the end of what it had sent
   * announces less than is here: if that is how this segment begins, all that is here is sealed. Answers what was. */
  async seal(track: TrackRow, row: SegmentRow, bytes: number, sha256: string): Promise<Finished> {
    const known = await this.#options.catalog.segment(row.id);
    if (known?.sha256) return await this.#sealedBefore(track.recordingId, row, known.sha256, { bytes, sha256 });
    const file = await this.#file(track.recordingId, row);
    const found = await file.finish();
    if (found.bytes === bytes && found.sha256 !== sha256) {
      await file.setAside();
      this.#drop(row.id);
      throw new ProtocolError("wrong-hash", `segment=${row.id} sha256=${found.sha256} announced=${sha256}`);
    }
    // The catalog first: a crash in between leaves a file that is writable but sealed, never one that is read-only and still wanted.
    try {
      if (found.bytes !== bytes) await this.#mustBegin(this.#path(track.recordingId, row), found.bytes, { bytes, sha256 });
      await this.#options.catalog.sealSegment(row.id, found.sha256);
    } catch (error) {
      file.resume();
      throw error;
    }
    this.#drop(row.id);
    // Everything is durable and sealed; a file that stays writable or open is a matter for the log.
    await file.seal().catch((error: unknown) => this.#options.onTrouble?.(row.id, error));
    this.#options.onAdvance(track.recordingId);
    return found;
  }

  async #sealedBefore(recordingId: string, row: SegmentRow, sealed: string, announced: Finished): Promise<Finished> {
    const path = this.#path(recordingId, row);
    const bytes = await this.#options.disk.files.size(path);
    if (announced.bytes === bytes && announced.sha256 === sealed) return announced;
    if (announced.bytes >= bytes) throw new ProtocolError("sealed", `segment=${row.id} sealed=${sealed} announced=${announced.sha256}`);
    await this.#mustBegin(path, bytes, announced);
    return { bytes, sha256: sealed };
  }

  /** Throws unless the file, which has `held` bytes, is longer than what was announced and begins with it. Nothing is changed either way. */
  async #mustBegin(path: string, held: number, announced: Finished): Promise<void> {
    if (announced.bytes > held) throw new ProtocolError("wrong-offset", `path=${path} offset=${held} announced=${announced.bytes}`);
    const proofs = (this.#proofs.get(path) ?? 0) + 1;
    if (proofs > mostProofs) throw new ProtocolError("wrong-hash", `path=${path} was to be proven ${mostProofs} times`);
    this.#proofs.set(path, proofs);
    const hash = createHash("sha256");
    const file = await this.#options.disk.files.open(path, "r");
    try {
      for await (const piece of readAll(file, announced.bytes)) hash.update(piece);
    } finally {
      await file.close();
    }
    const begins = hash.digest("hex");
    if (begins !== announced.sha256)
      throw new ProtocolError(
        "wrong-hash",
        `path=${path} of ${held} bytes the first ${announced.bytes} are ${begins}, not ${announced.sha256}`,
      );
  }

  /** No more segments will come from that device. All it names must be sealed (or refused) by now. */
  async end(track: TrackRow, segments: readonly string[]): Promise<void> {
    const rows = new Map((await this.#options.catalog.everySegment(track.recordingId)).map((row) => [row.id as string, row]));
    for (const id of segments) {
      const row = rows.get(id);
      if (row?.trackId !== track.id) throw new ProtocolError("wrong-segment", `segment=${id} track=${track.id}`);
      if (!row.sha256 && !row.refusal) throw new ProtocolError("unexpected", `segment=${id} is not sealed`);
    }
    await this.#options.catalog.markTrack(track.id, { ended: 1, lost: 0 });
    this.#options.onAdvance(track.recordingId);
  }

  /** Opens (and so reads back) the unsealed segments that an earlier process left of these recordings, one recording after the other. Not waited for:
   * who brings more of a segment meanwhile waits for that segment only. */
  recover(recordingIds: readonly string[]): void {
    let before: Promise<unknown> = Promise.resolve();
    for (const id of recordingIds) {
      const done = before.then(() => this.#recover(id));
      this.#recovering.set(id, done);
      before = done;
    }
  }

  /** Resolves once nothing of a recording is left to be read back; with false when it will not be, because it was deleted or the server stops. */
  async recovered(recordingId: string): Promise<boolean> {
    return (await this.#recovering.get(recordingId)) ?? true;
  }

  /** What has not been read back yet is left to the next start. */
  rest(): void {
    this.#recovering.clear();
  }

  async #recover(recordingId: string): Promise<boolean> {
    const { catalog, onTrouble } = this.#options;
    try {
      const rows = (await catalog.everySegment(recordingId)).filter((row) => !row.refusal && !row.sha256).values();
      const reader = async () => {
        for (const row of rows) if (this.#recovering.has(recordingId)) await this.#readBack(recordingId, row);
      };
      await Promise.all(Array.from({ length: readAtOnce }, reader));
    } catch (error) {
      onTrouble?.(recordingId, error);
    }
    return this.#recovering.delete(recordingId);
  }

  async #readBack(recordingId: string, row: SegmentRow): Promise<void> {
    try {
      const file = await this.#opened(recordingId, row);
      // Unless somebody sends it by now.
      if (!this.#awake.has(row.id)) await file.park();
    } catch (error) {
      this.#options.onTrouble?.(row.id, error);
    }
  }

  /** The recording is deleted: its files are closed. */
  async forget(recordingId: string): Promise<void> {
    this.#recovering.delete(recordingId);
    for (const row of await this.#options.catalog.everySegment(recordingId)) {
      this.#proofs.delete(this.#path(recordingId, row));
      const file = this.#open.get(row.id);
      this.#drop(row.id);
      await (await file)?.close();
    }
  }

  async close(): Promise<void> {
    this.rest();
    const files = await Promise.allSettled(this.#open.values());
    this.#open.clear();
    this.#awake.clear();
    await Promise.all(files.map((file) => (file.status === "fulfilled" ? file.value.close() : undefined)));
  }

  async #file(recordingId: string, row: SegmentRow): Promise<SegmentFile> {
    const file = await this.#opened(recordingId, row);
    this.#awake.delete(row.id);
    this.#awake.set(row.id, file);
    const [idle] = this.#awake;
    if (idle && this.#awake.size > (this.#options.mostOpen ?? mostOpen)) {
      this.#awake.delete(idle[0]);
      // Not waited for: a disk that hangs under one segment is no reason for another to wait.
      idle[1].park().catch((error) => this.#options.onTrouble?.(idle[0], error));
    }
    return file;
  }

  #drop(id: string): void {
    this.#open.delete(id);
    this.#awake.delete(id);
  }

  #opened(recordingId: string, row: SegmentRow): Promise<SegmentFile> {
    const existing = this.#open.get(row.id);
    if (existing) return existing;
    const facts = SegmentFacts.parse(JSON.parse(row.facts));
    const name = this.#options.disk.segmentName(row.trackId, row.id, facts.mimeType);
    const inspector = this.#options.inspect(recordingId, row.trackId, row.id, facts, name);
    const opening = SegmentFile.open(this.#options.disk, this.#path(recordingId, row), facts, inspector);
    this.#open.set(row.id, opening);
    opening.catch(() => this.#open.delete(row.id));
    return opening;
  }

  #path(recordingId: string, row: SegmentRow): string {
    const { disk } = this.#options;
    const facts = SegmentFacts.parse(JSON.parse(row.facts));
    return join(disk.recording(recordingId), disk.segmentName(row.trackId, row.id, facts.mimeType));
  }

  /** To be asked before anything is appended; `file` has asked. */
  async requireSpace(): Promise<void> {
    const now = performance.now();
    if (now - this.#free.atMs > freeSpaceAgeMs) this.#free = { bytes: await this.#options.disk.freeBytes(), atMs: now };
    if (this.#free.bytes < this.#options.reserveBytes) throw diskFull();
  }
}
