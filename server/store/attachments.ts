// The catalog's part about what is attached to comments. The files lie with the recording (`Disk.attachmentName`).
// Promise: a row is there before its file and goes after it, so no file is left that nobody knows of.
import type { Kysely, Transaction } from "kysely";
import { typeid } from "typeid-js";
import type { AttachmentKind } from "../../protocol/feedback.ts";
import type { FeedbackTables } from "./feedback.ts";

/** `commentId` null: loose, on its way to its first comment or away. `bytes` 0: not whole yet. `reviewerId`, `standing`: who sent it. */
export interface AttachmentRow {
  id: string;
  recordingId: string;
  commentId: string | null;
  reviewerId: string | null;
  standing: string;
  kind: AttachmentKind;
  durationMs: number;
  bytes: number;
  createdAt: number;
}

/** What was found in it. */
export type AttachmentFacts = Pick<AttachmentRow, "kind" | "durationMs" | "bytes">;

export class AttachmentShelf {
  readonly #db: Kysely<FeedbackTables>;

  constructor(db: Kysely<FeedbackTables>) {
    this.#db = db;
  }

  /** Before its first byte. */
  async begin(sender: Pick<AttachmentRow, "recordingId" | "reviewerId" | "standing">): Promise<AttachmentRow> {
    const nothing = { commentId: null, kind: "voice", durationMs: 0, bytes: 0 } as const;
    const row: AttachmentRow = { ...nothing, ...sender, id: typeid("att").toString(), createdAt: Date.now() };
    await this.#db.insertInto("attachments").values(row).execute();
    return row;
  }

  /** Its file is whole and on the disk. False: its recording was deleted meanwhile. */
  async finish(id: string, facts: AttachmentFacts): Promise<boolean> {
    const { numUpdatedRows } = await this.#db.updateTable("attachments").set(facts).where("id", "=", id).executeTakeFirst();
    return Number(numUpdatedRows) === 1;
  }

  find(id: string): Promise<AttachmentRow | undefined> {
    return this.#db.selectFrom("attachments").selectAll().where("id", "=", id).executeTakeFirst();
  }

  ofComment(commentId: string): Promise<AttachmentRow | undefined> {
    return this.#db.selectFrom("attachments").selectAll().where("commentId", "=", commentId).executeTakeFirst();
  }

  /** By comment. */
  async of(recordingId: string): Promise<Map<string, AttachmentRow>> {
    const mine = this.#db.selectFrom("attachments").selectAll().where("recordingId", "=", recordingId);
    const rows = await mine.where("commentId", "is not", null).orderBy("id").execute();
    return new Map(rows.map((row) => [row.commentId ?? "", row]));
  }

  /** Loose since before that moment (wall clock, ms). */
  loose(beforeMs: number): Promise<AttachmentRow[]> {
    const loose = this.#db.selectFrom("attachments").selectAll().where("commentId", "is", null);
    return loose.where("createdAt", "<", beforeMs).execute();
  }

  /** How many loose ones this recording has, the oldest first. */
  looseOf(recordingId: string): Promise<AttachmentRow[]> {
    const mine = this.#db.selectFrom("attachments").selectAll().where("recordingId", "=", recordingId);
    return mine.where("commentId", "is", null).orderBy("createdAt").execute();
  }

  /** After its file. */
  async forget(id: string): Promise<void> {
    await this.#db.deleteFrom("attachments").where("id", "=", id).execute();
  }
}

type Sender = Pick<AttachmentRow, "recordingId" | "reviewerId" | "standing">;

/** This one, where it is whole, `sender`'s, and no comment's yet. */
function sent(db: Transaction<FeedbackTables>, id: string, { recordingId, reviewerId, standing }: Sender) {
  return db
    .selectFrom("attachments")
    .select("id")
    .where("id", "=", id)
    .where("recordingId", "=", recordingId)
    .where("commentId", "is", null)
    .where("bytes", ">", 0)
    .where("createdAt", ">", 0)
    .where("standing", "=", standing)
    .where("reviewerId", reviewerId === null ? "is" : "=", reviewerId);
}

/** False: it is not there (any more), not whole, somebody else's, or a comment's already. */
export async function isSent(db: Transaction<FeedbackTables>, id: string, sender: Sender): Promise<boolean> {
  return (await sent(db, id, sender).executeTakeFirst()) !== undefined;
}

/** To a comment that has none. False: as `isSent`. */
export async function attach(db: Transaction<FeedbackTables>, id: string, comment: { id: string } & Sender): Promise<boolean> {
  const change = db
    .updateTable("attachments")
    .set({ commentId: comment.id })
    .where("id", "in", sent(db, id, comment));
  const { numUpdatedRows } = await change.executeTakeFirst();
  return Number(numUpdatedRows) === 1;
}

/** Its comment goes, or has another one now: it is never to be posted again. */
export async function loosen(db: Kysely<FeedbackTables>, commentId: string): Promise<void> {
  await db.updateTable("attachments").set({ commentId: null, createdAt: 0 }).where("commentId", "=", commentId).execute();
}
