// What people speak into a comment: a voice, or a short video. Taken, told of, served, and taken away with its comment.
// Promise: it is on the disk before anybody is told that it was taken; nothing is kept that was not looked at first; whoever may not see the comment
// does not get it, by no key and no address, whenever that was handed out.
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import type { Logger } from "pino";
import { UserError, type Why } from "../../protocol/errors.ts";
import { type Attachment, attachmentMostBytes, type NewAttachment } from "../../protocol/feedback.ts";
import { type Access, type Credentials, keyMissing } from "../store/access.ts";
import type { AttachmentFacts, AttachmentRow } from "../store/attachments.ts";
import type { Catalog } from "../store/catalog.ts";
import type { Disk } from "../store/disk.ts";
import type { CommentRow } from "../store/feedback.ts";
import { writeAll } from "../store/files.ts";
import type { Keys } from "../store/keys.ts";
import { brokeOff, outOfRoom } from "../store/outofroom.ts";
import { expiry } from "./library.ts";
import { type Media, mediaOf } from "./media.ts";
import type { Asking, Round } from "./round.ts";

/** Looks at the bytes of one as they come; throws UserError where it is nothing that is taken. */
export interface Inspecting {
  push(bytes: Uint8Array): void;
  end(): AttachmentFacts;
}

export interface AttachmentsOptions {
  catalog: Catalog;
  disk: Disk;
  keys: Keys;
  access: Access;
  round: Round;
  inspect: () => Inspecting;
  /** Take none when less than this would be left free, bytes. */
  reserveBytes: number;
  log: Logger;
}

/** Whoever is told: the link they came by ("": a key of the room), and who of the reviewers they are. */
export interface Viewer {
  holder: string;
  reviewerId: string | null;
}

/** One that was sent and not posted for so long is taken away. */
const looseMs = 3_600_000;
/** So many may be on their way to a comment of one recording. */
const mostLoose = 20;
const mostBytes = Math.max(...Object.values(attachmentMostBytes));
/** What is refused is read to its end, so that the browser hears why; but not more than this. */
const mostReadBytes = 2 * mostBytes;
const silenceMs = 30_000;

export class Attachments {
  readonly #options: AttachmentsOptions;

  constructor(options: AttachmentsOptions) {
    this.#options = options;
  }

  /** `body`: the bytes as they arrive; not read before the key was looked at. */
  async take(credentials: Credentials, recordingId: string, body: unknown): Promise<NewAttachment> {
    const { catalog, round } = this.#options;
    const { share, reviewer, standing } = await round.asking(credentials, recordingId, "comment");
    if (share && !reviewer) throw new UserError("bad-request", "Say who you are first.");
    if (!(body instanceof Readable)) throw new UserError("bad-request", "Send the recording itself, as audio/webm or video/webm.");
    await this.sweep();
    await this.#requireFew(recordingId);
    const row = await catalog.attachments.begin({ recordingId, reviewerId: reviewer?.id ?? null, standing });
    try {
      const facts = await this.#receive(body, row);
      // Deleted meanwhile, with everything that lay there.
      if (!(await catalog.attachments.finish(row.id, facts))) throw new UserError("gone", "The recording was deleted.");
      return { id: row.id, mimeType: typeOf(facts), ...facts };
    } catch (error) {
      await this.discard(row);
      if (!(await catalog.recording(recordingId))) await this.#options.disk.remove(recordingId);
      throw wordsFor(error);
    }
  }

  /** As it is told to one viewer. */
  told({ id, recordingId, kind, durationMs, bytes }: AttachmentRow, { holder, reviewerId }: Viewer): Attachment {
    const token = this.#options.keys.attached(recordingId, expiry(), holder, reviewerId ?? "");
    return { id, kind, mimeType: typeOf({ kind }), durationMs, bytes, mediaUrl: `/api/v1/attachments/${id}/media?token=${token}` };
  }

  /** For whoever may see its comment now. */
  async media(credentials: Credentials, attachmentId: string): Promise<Media> {
    const { catalog, disk } = this.#options;
    if (credentials.key === null && credentials.token === null) throw keyMissing();
    const row = await catalog.attachments.find(attachmentId);
    const comment = row?.commentId ? await catalog.feedback.comment(row.commentId) : undefined;
    if (!row || !comment || comment.deletedAt !== null) throw this.#absent(credentials);
    const { reviewer, hidden } = await this.#asking(credentials, row.recordingId);
    if (comment.private && comment.reviewerId !== (reviewer?.id ?? null)) throw this.#absent(credentials);
    if (hidden && comment.reviewerId !== (reviewer?.id ?? null))
      throw new UserError("not-allowed", "What others said is hidden until all have handed in.");
    const path = join(disk.recording(row.recordingId), disk.attachmentName(row.id));
    return mediaOf([path], `${comment.author ?? "Comment"}.webm`, typeOf(row)).catch((cause: unknown) => {
      throw new UserError("not-found", "This is not there any more.", { cause });
    });
  }

  /** What is loose and was left so: a recording nobody posted, or what an earlier process did not finish taking away. */
  async sweep(nowMs = Date.now()): Promise<void> {
    for (const row of await this.#options.catalog.attachments.loose(nowMs - looseMs)) await this.discard(row);
  }

  /** Of a comment that is gone. The file goes first: a row without one is tried again at the next sweep. */
  async discard({ id, recordingId }: Pick<AttachmentRow, "id" | "recordingId">): Promise<void> {
    const { catalog, disk, log } = this.#options;
    const path = join(disk.recording(recordingId), disk.attachmentName(id));
    try {
      for (const file of [path, arriving(path)]) await rm(file, { force: true });
      await catalog.attachments.forget(id);
    } catch (error) {
      log.error({ recording: recordingId, attachment: id, err: error }, "attachment could not be taken away");
    }
  }

  /** By a key and a reviewer's identity, or by an address that was told to one viewer: who asks, and whether they see only their own. */
  async #asking(credentials: Credentials, recordingId: string): Promise<Pick<Asking, "reviewer" | "hidden">> {
    const { access, round } = this.#options;
    const told = await access.toldTo(credentials, recordingId);
    if (told) return { reviewer: told.reviewer, hidden: await round.hidden(recordingId, told.recording.roomId) };
    return await round.asking(credentials, recordingId, "look");
  }

  #absent(credentials: Credentials): UserError {
    return this.#options.access.isAdmin(credentials)
      ? new UserError("not-found", "There is no such recording of a comment.")
      : new UserError("not-allowed", "This key does not open that.");
  }

  async #requireFew(recordingId: string): Promise<void> {
    const loose = await this.#options.catalog.attachments.looseOf(recordingId);
    if (loose.length >= mostLoose) throw new UserError("too-often", "Too many recordings are on their way. Try again in a moment.");
  }

  /** To the disk for good, under its own name only once it is whole and was looked at. */
  async #receive(body: Readable, { id, recordingId }: AttachmentRow): Promise<AttachmentFacts> {
    const { disk, reserveBytes } = this.#options;
    const path = join(disk.recording(recordingId), disk.attachmentName(id));
    if ((await disk.freeBytes()) - mostBytes < reserveBytes) {
      await readOut(body);
      throw diskFull();
    }
    await disk.makeFolder(dirname(path));
    const file = await disk.files.open(arriving(path), "w");
    let facts: AttachmentFacts;
    try {
      const looking = this.#options.inspect();
      await readOut(body, async (chunk) => {
        looking.push(chunk);
        await writeAll(file, [chunk]);
      });
      facts = looking.end();
      await file.datasync();
    } finally {
      await file.close();
    }
    await disk.files.rename(arriving(path), path);
    await disk.files.syncFolder(dirname(path));
    return facts;
  }
}

/** Whom `asking` is when they are told. */
export function viewerOf({ share, reviewer }: Pick<Asking, "share" | "reviewer">): Viewer {
  return { holder: share?.id ?? "", reviewerId: reviewer?.id ?? null };
}

/** In a file for people: what there is to hear or see beside the words. */
export function attachedWords({ kind, durationMs }: Pick<Attachment, "kind" | "durationMs">): string {
  const seconds = Math.round(durationMs / 1000);
  return `${kind} message, ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What a comment has; undefined: nothing, or it is only a place that was left to replies. */
export async function attachedTo(catalog: Catalog, row: CommentRow): Promise<AttachmentRow | undefined> {
  return row.deletedAt === null ? await catalog.attachments.ofComment(row.id) : undefined;
}

function arriving(path: string): string {
  return `${path}.part`;
}

function typeOf({ kind }: Pick<AttachmentRow, "kind">): string {
  return kind === "video" ? "video/webm" : "audio/webm";
}

const brokenOff: Why = { reason: "broken-off" };

/** Every chunk is handed on until one is refused, but all of it is read: only then does a browser hear an answer. */
async function readOut(body: Readable, take?: (chunk: Buffer) => Promise<void>): Promise<void> {
  let bytes = 0;
  let failure: unknown = null;
  const impatience = setTimeout(
    () => body.destroy(new UserError("bad-request", "The recording stopped arriving.", { why: brokenOff })),
    silenceMs,
  );
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      impatience.refresh();
      bytes += chunk.length;
      if (bytes > mostReadBytes) throw tooLarge();
      if (bytes > mostBytes) failure ??= tooLarge();
      if (failure !== null || !take) continue;
      await take(chunk).catch((error: unknown) => {
        failure = error;
      });
    }
  } finally {
    clearTimeout(impatience);
  }
  if (failure !== null) throw failure;
}

function tooLarge(): UserError {
  return new UserError("too-large", "This recording is too large to be attached to a comment.");
}

function diskFull(cause?: unknown): UserError {
  return new UserError("disk-full", "The server's disk is full. Nothing was posted.", { cause });
}

/** What the disk and the catalog say when there is no room, for the person; anything else stays what it is. */
function wordsFor(error: unknown): unknown {
  if (outOfRoom(error)) return diskFull(error);
  if (brokeOff(error)) return new UserError("bad-request", "The recording did not arrive whole.", { cause: error, why: brokenOff });
  return error;
}
