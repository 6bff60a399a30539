// A recording comes in from another server, as the zip that it was taken along in.
// Promise: it is here whole, under ids of our own, or nothing of it is: not after an error, not after a crash. Nothing in the zip is believed unread.
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Logger } from "pino";
import * as z from "zod/mini";
import {
  type BundleFile,
  bundleFormat,
  bundleVersion,
  Contents,
  contentsPath,
  Manifest,
  ManifestHead,
  manifestPath,
  timelinePath,
} from "../../protocol/bundle.ts";
import { UserError } from "../../protocol/errors.ts";
import { ChunkFacts, ClockSample, SegmentFacts } from "../../protocol/facts.ts";
import { NamePlate } from "../../protocol/plate.ts";
import { Timeline } from "../../protocol/timeline.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { AttachmentFacts } from "../store/attachments.ts";
import { type Catalog, makeId, type RecordingRow } from "../store/catalog.ts";
import { type Disk, writeWhole } from "../store/disk.ts";
import { writeAll } from "../store/files.ts";
import { brokeOff, outOfRoom } from "../store/outofroom.ts";
import { type Move, type Plan, planOf } from "./rows.ts";
import { Zip } from "./zip.ts";

export interface UnpackOptions {
  catalog: Catalog;
  disk: Disk;
  access: Access;
  /** Take nothing in when less than this would be left free, bytes. */
  reserveBytes: number;
  /** Looks at the bytes of something attached as they come; throws UserError where it is nothing that is taken. */
  inspect: () => { push(bytes: Uint8Array): void; end(): AttachmentFacts };
  log: Logger;
  /** It is all here: to be aligned and composed. */
  onArrived: (recordingId: string) => void;
}

const manifestMostBytes = 16 * 1024 * 1024;
/** Of what is read as a whole: everything that was ever said about a recording, the clock of one segment for a day, a timeline. */
const textMostBytes = 64 * 1024 * 1024;
/** While a zip arrives the disk is looked at this often. */
const lookEveryBytes = 64 * 1024 * 1024;

export class Unpacking {
  readonly #options: UnpackOptions;

  constructor(options: UnpackOptions) {
    this.#options = options;
  }

  /** `body`: the zip as it arrives; not read before the key was looked at. */
  async take(credentials: Credentials, body: unknown): Promise<RecordingRow> {
    const { access, catalog, disk, log, onArrived } = this.#options;
    access.requireAdmin(credentials);
    if (!(body instanceof Readable)) throw new UserError("bad-request", "Send the zip itself, as application/zip.");
    const id = makeId("rec");
    const path = disk.incoming(id);
    try {
      await disk.makeFolder(dirname(path));
      await this.#receive(body, path);
      await this.#unpack(id, path);
      await rm(path, { force: true });
    } catch (error) {
      await this.#abandon(id);
      throw wordsFor(error);
    }
    log.info({ recording: id }, "recording taken in");
    onArrived(id);
    return (await catalog.recording(id))!;
  }

  /** What an earlier process was taking in when it ended: kept where the catalog has all of it, else taken away. */
  async sweep(): Promise<void> {
    for (const id of await this.#options.disk.unfinishedBundles()) await this.#abandon(id);
  }

  async #abandon(id: string): Promise<void> {
    const { catalog, disk } = this.#options;
    if (!(await catalog.recording(id))) await disk.remove(id);
    await rm(disk.incoming(id), { force: true });
  }

  async #receive(body: Readable, path: string): Promise<void> {
    let left = 0;
    const look = () => this.#requireSpace(0);
    const watch = new Transform({
      transform(chunk: Buffer, _, done) {
        left -= chunk.length;
        if (left > 0) return done(null, chunk);
        left = lookEveryBytes;
        look().then(() => done(null, chunk), done);
      },
    });
    await pipeline(body, watch, createWriteStream(path, { mode: 0o600 }));
  }

  async #unpack(id: string, path: string): Promise<void> {
    const { catalog, disk } = this.#options;
    const zip = await Zip.open(path);
    try {
      const { plan, unused } = await this.#read(zip, id);
      await this.#requireSpace(plan.moves.reduce((sum, { from }) => sum + from.bytes, 0));
      const folder = disk.recording(id);
      await disk.makeFolder(folder);
      for (const move of plan.moves) {
        const facts = await this.#move(zip, move, join(folder, move.to));
        if (facts) for (const row of plan.rows.attachments) if (move.to === disk.attachmentName(row.id)) Object.assign(row, facts);
      }
      // Not needed, but a zip of which anything is damaged is not taken.
      for (const file of unused) for await (const _ of zip.proven(file));
      if (plan.timeline) await disk.writeTimeline(plan.timeline);
      await catalog.restore(plan.rows);
    } finally {
      zip.close();
    }
  }

  async #read(zip: Zip, recordingId: string): Promise<{ plan: Plan; unused: BundleFile[] }> {
    const { disk } = this.#options;
    const given = jsonOf(await zip.read(manifestPath, manifestMostBytes), manifestPath);
    const head = parsed(ManifestHead, given, manifestPath);
    if (head.format !== bundleFormat) throw new UserError("bad-request", "This zip is no recording of Doubletake.");
    if (head.version !== bundleVersion)
      throw new UserError(
        "bad-request",
        `This zip was made by another version of Doubletake (${head.version}); this server reads version ${bundleVersion}.`,
      );
    const manifest = parsed(Manifest, given, manifestPath);
    const files = new Map(manifest.files.map((file) => [file.path, file]));
    if (files.size < manifest.files.length) throw new UserError("bad-request", "This zip contradicts itself: it lists a file twice.");
    const contents = parsed(Contents, await this.#json(zip, files, contentsPath), contentsPath);
    const timeline = files.has(timelinePath) ? parsed(Timeline, await this.#json(zip, files, timelinePath), timelinePath) : null;
    const names = {
      segment: (track: string, segment: string, mimeType: string) => disk.segmentName(track, segment, mimeType),
      plate: (track: string) => disk.plateName(track),
      attachment: (attachment: string) => disk.attachmentName(attachment),
    };
    const plan = planOf({ contents, files, timeline, recordingId, makeId, nowMs: Date.now(), names });
    const used = new Set([contentsPath, timelinePath, ...plan.moves.map(({ from }) => from.path)]);
    return { plan, unused: manifest.files.filter(({ path }) => !used.has(path)) };
  }

  async #json(zip: Zip, files: ReadonlyMap<string, BundleFile>, path: string): Promise<unknown> {
    const file = files.get(path);
    if (!file) throw new UserError("bad-request", `This zip is no recording of Doubletake: it lists no “${path}”.`);
    return jsonOf(await whole(zip, file), path);
  }

  /** To the disk for good; what somebody attached is looked at, and told of. Media as they are; facts and names line by line as they fit, for others read them without asking. */
  async #move(zip: Zip, { from, kind, sealed }: Move, to: string): Promise<AttachmentFacts | null> {
    const { files } = this.#options.disk;
    await this.#options.disk.makeFolder(dirname(to));
    if (kind === "facts" || kind === "plate") {
      const bytes = await whole(zip, from);
      const text = kind === "facts" ? factsIn(bytes) : JSON.stringify(parsed(NamePlate, jsonOf(bytes, from.path), from.path));
      await writeWhole(to, text, files);
      return null;
    }
    // Segments are looked at when they are aligned, as after an upload.
    const looking = kind === "attachment" ? this.#options.inspect() : null;
    const file = await files.open(to, "w");
    try {
      for await (const part of zip.proven(from)) {
        looking?.push(part);
        await writeAll(file, [part]);
      }
      await file.datasync();
    } finally {
      await file.close();
    }
    if (sealed) await files.makeReadOnly(to);
    await files.syncFolder(dirname(to));
    return looking?.end() ?? null;
  }

  async #requireSpace(bytes: number): Promise<void> {
    if ((await this.#options.disk.freeBytes()) - bytes < this.#options.reserveBytes) throw noRoom();
  }
}

async function whole(zip: Zip, file: BundleFile): Promise<Buffer> {
  if (file.bytes > textMostBytes) throw new UserError("too-large", `“${file.path}” in this zip is larger than it can be.`);
  const parts: Buffer[] = [];
  for await (const part of zip.proven(file)) parts.push(part);
  return Buffer.concat(parts);
}

/** How far a segment's bytes can be believed; see `server/store/facts.ts`. */
const Mark = z.object({ offset: z.int().check(z.gte(0)), hash: z.string().check(z.regex(/^[0-9a-f]{16}$/)) });
const Fact = z.union([
  z.object({ segment: SegmentFacts }),
  z.object({ chunk: ChunkFacts }),
  z.object({ clock: ClockSample }),
  z.object({ mark: Mark }),
]);

/** The lines that are what they should be. */
export function factsIn(bytes: Buffer): string {
  const lines = bytes.toString("utf8").split("\n");
  return lines
    .flatMap((line) => {
      const fact = Fact.safeParse(line === "" ? null : readable(line));
      return fact.success ? [`${JSON.stringify(fact.data)}\n`] : [];
    })
    .join("");
}

/** Undefined: it is no JSON. */
function readable(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function jsonOf(bytes: Buffer, path: string): unknown {
  const value = readable(bytes.toString("utf8"));
  if (value === undefined) throw new UserError("bad-request", `“${path}” in this zip cannot be read.`);
  return value;
}

function parsed<T extends z.ZodMiniType>(schema: T, value: unknown, path: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data as z.infer<T>;
  const { path: at = [], message = "" } = result.error.issues[0] ?? {};
  throw new UserError("bad-request", `“${path}” in this zip does not fit: ${at.join(" → ")}${at.length > 0 ? ": " : ""}${message}`);
}

/** What the disk and the catalog say when there is no room, for the person; anything else stays what it is. */
function wordsFor(error: unknown): unknown {
  if (outOfRoom(error)) return noRoom(error);
  if (brokeOff(error)) return new UserError("bad-request", "The zip did not arrive whole. Nothing of it was kept.", { cause: error });
  return error;
}

function noRoom(cause?: unknown): UserError {
  return new UserError("disk-full", "There is not enough room on the server's disk for this recording. Nothing of it was kept.", { cause });
}
