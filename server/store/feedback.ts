// The catalog's part about feedback: comments in threads, who reviews, what a room asks for, scores, and links for others.
// Promise: as the catalog's, a method that has resolved is on disk.
import { type Kysely, sql } from "kysely";
import { typeid } from "typeid-js";
import { type AttachmentRow, attach, isSent, loosen } from "./attachments.ts";

/** `parentId`: the comment it answers; null for the first of a thread. `version` counts edits. `deletedAt`: only its place is kept, for its replies. */
export interface CommentRow {
  id: string;
  recordingId: string;
  atMs: number;
  endMs: number | null;
  participantId: string | null;
  body: string;
  marker: string | null;
  author: string | null;
  standing: string;
  createdAt: number;
  parentId: string | null;
  reviewerId: string | null;
  resolvedAt: number | null;
  editedAt: number | null;
  deletedAt: number | null;
  version: number;
  /** 1: a note, for the eyes of its reviewer alone. */
  private: number;
}
/** A person who gives feedback from one browser. `participantId`: who of the film they are; `claimedId`: who of it they say they are, where that does not
 * count before the host has confirmed it; `shareId`: the link they came by. */
export interface ReviewerRow {
  id: string;
  recordingId: string;
  name: string;
  participantId: string | null;
  claimedId: string | null;
  shareId: string | null;
  createdAt: number;
  handedInAt: number | null;
}
/** `markers`, `rubric`: JSON; null: the usual ones, none. */
export interface GuideRow {
  roomId: string;
  markers: string | null;
  rubric: string | null;
  independent: number;
}
/** What one recording keeps of what its room asked; null: it goes with the room. `markers`: JSON, "null" for the usual ones. */
export interface KeptGuideRow {
  recordingId: string;
  markers: string | null;
  rubric: string | null;
}
/** What was given on one recording: which markers comments carry, and which items of the rubric were scored. */
export interface Given {
  any: boolean;
  markers: string[];
  items: string[];
}
/** `evidence`: JSON, moments. `value` null: words only. */
export interface ScoreRow {
  recordingId: string;
  reviewerId: string;
  aboutId: string;
  item: string;
  value: number | null;
  words: string;
  evidence: string;
  changedAt: number;
}
/** `passphrase`: salt and hash; null: none is asked. */
export interface ShareRow {
  id: string;
  recordingId: string;
  label: string;
  mayComment: number;
  mayDownload: number;
  expiresAt: number | null;
  revokedAt: number | null;
  passphrase: string | null;
  createdAt: number;
}
/** The first time that one reviewer was shown what another had written. */
export interface SightRow {
  reviewerId: string;
  ofId: string;
  seenAt: number;
}

export interface FeedbackTables {
  comments: CommentRow;
  reviewers: ReviewerRow;
  guides: GuideRow;
  keptGuides: KeptGuideRow;
  reveals: { recordingId: string; revealedAt: number };
  sights: SightRow;
  scores: ScoreRow;
  shares: ShareRow;
  attachments: AttachmentRow;
}

/** The usual markers, where a recording keeps those. */
const usual = "null";

const makeId = (prefix: string) => typeid(prefix).toString();

type NewCommentRow = Omit<CommentRow, "id" | "createdAt" | "resolvedAt" | "editedAt" | "deletedAt" | "version" | "private"> & {
  private?: number;
};

function freshRow(comment: NewCommentRow): CommentRow {
  const fresh = { resolvedAt: null, editedAt: null, deletedAt: null, version: 1, private: 0 };
  return { ...fresh, ...comment, id: makeId("cmt"), createdAt: Date.now() };
}

/** Where a page of comments ended: the next one begins after it. */
export interface CommentPlace {
  atMs: number;
  id: string;
}

export class FeedbackShelf {
  readonly #db: Kysely<FeedbackTables>;

  constructor(db: Kysely<FeedbackTables>) {
    this.#db = db;
  }

  async addComment(comment: NewCommentRow): Promise<CommentRow> {
    const row = freshRow(comment);
    await this.#db.insertInto("comments").values(row).execute();
    return row;
  }

  /** With what its writer has just sent. Null: that is not there, and nothing was posted. */
  async addCommentWith(attachmentId: string, comment: NewCommentRow): Promise<CommentRow | null> {
    const row = freshRow(comment);
    return await this.#db.transaction().execute(async (transaction) => {
      await transaction.insertInto("comments").values(row).execute();
      if (await attach(transaction, attachmentId, row)) return row;
      await transaction.deleteFrom("comments").where("id", "=", row.id).execute();
      return null;
    });
  }

  comment(id: string): Promise<CommentRow | undefined> {
    return this.#db.selectFrom("comments").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** By time in the recording, after `after`. `only`: those of one reviewer (null: of nobody in particular); absent: everybody's. Notes are among
   * them only for `notesOf`, the reviewer who wrote them. */
  comments(
    recordingId: string,
    after: CommentPlace | null,
    limit: number,
    only?: string | null,
    notesOf: string | null = null,
  ): Promise<CommentRow[]> {
    let query = this.#db.selectFrom("comments").selectAll().where("recordingId", "=", recordingId);
    query = query.where((where) =>
      notesOf === null ? where("private", "=", 0) : where.or([where("private", "=", 0), where("reviewerId", "=", notesOf)]),
    );
    if (after)
      query = query.where((where) =>
        where.or([where("atMs", ">", after.atMs), where.and([where("atMs", "=", after.atMs), where("id", ">", after.id)])]),
      );
    if (only !== undefined) query = query.where("reviewerId", only === null ? "is" : "=", only);
    return query.orderBy("atMs").orderBy("id").limit(limit).execute();
  }

  notes(recordingId: string, reviewerId: string): Promise<CommentRow[]> {
    const mine = this.#db.selectFrom("comments").selectAll().where("recordingId", "=", recordingId).where("reviewerId", "=", reviewerId);
    return mine.where("private", "=", 1).orderBy("atMs").execute();
  }

  replies(parentId: string): Promise<CommentRow[]> {
    return this.#db.selectFrom("comments").selectAll().where("parentId", "=", parentId).execute();
  }

  /** False: meanwhile it is another version, or gone. A row that was changed counts one version more. */
  async editComment(id: string, version: number, edit: Partial<Omit<CommentRow, "id" | "recordingId" | "version">>): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("comments")
      .set({ ...edit, version: version + 1 })
      .where("id", "=", id)
      .where("version", "=", version)
      .executeTakeFirst();
    return Number(numUpdatedRows) === 1;
  }

  /** As `editComment`, and with `attachmentId` in place of what was attached before, which is loose then; null: nothing is any more. "lost": what was
   * sent is not there (any more), not whole, or somebody else's than `sender`'s, and nothing was changed. */
  async exchangeAttachment(
    id: string,
    version: number,
    edit: Partial<Omit<CommentRow, "id" | "recordingId" | "version">>,
    attachmentId: string | null,
    sender: Pick<AttachmentRow, "recordingId" | "reviewerId" | "standing">,
  ): Promise<"done" | "changed" | "lost"> {
    return await this.#db.transaction().execute(async (transaction) => {
      const before = await transaction.selectFrom("comments").select("version").where("id", "=", id).executeTakeFirst();
      if (before?.version !== version) return "changed";
      // First what can fail: a transaction that resolves is kept, so nothing may have been changed by then.
      if (attachmentId !== null && !(await isSent(transaction, attachmentId, sender))) return "lost";
      await loosen(transaction, id);
      if (attachmentId !== null) await attach(transaction, attachmentId, { id, ...sender });
      await transaction
        .updateTable("comments")
        .set({ ...edit, version: version + 1 })
        .where("id", "=", id)
        .execute();
      return "done";
    });
  }

  /** Only its place is left, for its replies. False: meanwhile it is another version, or gone. */
  async emptyComment(id: string, version: number, gone: Partial<Omit<CommentRow, "id" | "recordingId" | "version">>): Promise<boolean> {
    return await this.#db.transaction().execute(async (transaction) => {
      const { numUpdatedRows } = await transaction
        .updateTable("comments")
        .set({ ...gone, version: version + 1 })
        .where("id", "=", id)
        .where("version", "=", version)
        .executeTakeFirst();
      if (Number(numUpdatedRows) === 1) await loosen(transaction, id);
      return Number(numUpdatedRows) === 1;
    });
  }

  /** What was attached to it is loose then. */
  async deleteComment(id: string): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await loosen(transaction, id);
      await transaction.deleteFrom("comments").where("id", "=", id).execute();
    });
  }

  async addReviewer(reviewer: Omit<ReviewerRow, "id" | "createdAt" | "handedInAt">): Promise<ReviewerRow> {
    const row: ReviewerRow = { ...reviewer, id: makeId("rev"), createdAt: Date.now(), handedInAt: null };
    await this.#db.insertInto("reviewers").values(row).execute();
    return row;
  }

  reviewer(id: string): Promise<ReviewerRow | undefined> {
    return this.#db.selectFrom("reviewers").selectAll().where("id", "=", id).executeTakeFirst();
  }

  reviewers(recordingId: string): Promise<ReviewerRow[]> {
    return this.#db.selectFrom("reviewers").selectAll().where("recordingId", "=", recordingId).orderBy("id").execute();
  }

  async editReviewer(id: string, edit: Partial<Pick<ReviewerRow, "name" | "participantId" | "claimedId" | "handedInAt">>): Promise<void> {
    if (Object.keys(edit).length > 0) await this.#db.updateTable("reviewers").set(edit).where("id", "=", id).execute();
  }

  /** What they say of who they are counts, or is no longer asked about. False: meanwhile they say something else. */
  async settleClaim(id: string, claimedId: string, confirmed: boolean): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("reviewers")
      .set({ participantId: confirmed ? claimedId : null, claimedId: null })
      .where("id", "=", id)
      .where("claimedId", "=", claimedId)
      .executeTakeFirst();
    return Number(numUpdatedRows) === 1;
  }

  guide(roomId: string): Promise<GuideRow | undefined> {
    return this.#db.selectFrom("guides").selectAll().where("roomId", "=", roomId).executeTakeFirst();
  }

  async saveGuide(guide: GuideRow): Promise<void> {
    const { roomId: _, ...rest } = guide;
    await this.#db
      .insertInto("guides")
      .values(guide)
      .onConflict((conflict) => conflict.column("roomId").doUpdateSet(rest))
      .execute();
  }

  /** What is asked about one recording of the room: what the room asks, but for what the recording keeps. */
  async guideOf(recordingId: string, roomId: string): Promise<GuideRow | undefined> {
    const guide = await this.guide(roomId);
    const kept = await this.#db.selectFrom("keptGuides").selectAll().where("recordingId", "=", recordingId).executeTakeFirst();
    if (!guide || !kept) return guide;
    const markers = kept.markers === null ? guide.markers : kept.markers === usual ? null : kept.markers;
    return { ...guide, markers, rubric: kept.rubric ?? guide.rubric };
  }

  /** From now on, and whatever the room asks. The first time counts. `markers` null: the usual ones. */
  async keepGuide(recordingId: string, { markers, rubric }: { markers?: string | null; rubric?: string | null }): Promise<void> {
    const row = { recordingId, markers: markers === undefined ? null : (markers ?? usual), rubric: rubric ?? null };
    await this.#db
      .insertInto("keptGuides")
      .values(row)
      .onConflict((conflict) =>
        conflict.column("recordingId").doUpdateSet({
          markers: sql`coalesce(markers, ${row.markers})`,
          rubric: sql`coalesce(rubric, ${row.rubric})`,
        }),
      )
      .execute();
  }

  async revealedAt(recordingId: string): Promise<number | null> {
    const row = await this.#db.selectFrom("reveals").selectAll().where("recordingId", "=", recordingId).executeTakeFirst();
    return row?.revealedAt ?? null;
  }

  /** The first time counts. */
  async reveal(recordingId: string): Promise<void> {
    const row = { recordingId, revealedAt: Date.now() };
    await this.#db
      .insertInto("reveals")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  /** Notes carry markers, but are no feedback before they are published; a score that was taken back is none. */
  async given(recordingId: string): Promise<Given> {
    const mine = this.#db.selectFrom("comments").where("recordingId", "=", recordingId);
    const comments = await mine.select(["marker", "private"]).distinct().execute();
    const scores = (await this.scores(recordingId)).filter(({ value, words, evidence }) => value !== null || words || evidence !== "[]");
    return {
      any: comments.some((one) => one.private === 0) || scores.length > 0,
      markers: [...new Set(comments.flatMap(({ marker }) => marker ?? []))],
      items: [...new Set(scores.map(({ item }) => item))],
    };
  }

  /** `reviewerId` was shown what `ofId` wrote. The first time counts. */
  async saw(sights: readonly Omit<SightRow, "seenAt">[]): Promise<void> {
    if (sights.length === 0) return;
    const seenAt = Date.now();
    await this.#db
      .insertInto("sights")
      .values(sights.map((sight) => ({ ...sight, seenAt })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  sights(recordingId: string): Promise<SightRow[]> {
    const reviewers = this.#db.selectFrom("reviewers").select("id").where("recordingId", "=", recordingId);
    return this.#db.selectFrom("sights").selectAll().where("reviewerId", "in", reviewers).orderBy("seenAt").execute();
  }

  async saveScore(score: ScoreRow): Promise<void> {
    const { value, words, evidence, changedAt } = score;
    await this.#db
      .insertInto("scores")
      .values(score)
      .onConflict((conflict) =>
        conflict.columns(["recordingId", "reviewerId", "aboutId", "item"]).doUpdateSet({ value, words, evidence, changedAt }),
      )
      .execute();
  }

  scores(recordingId: string, only?: string | null): Promise<ScoreRow[]> {
    let query = this.#db.selectFrom("scores").selectAll().where("recordingId", "=", recordingId);
    if (only !== undefined) query = query.where("reviewerId", "=", only ?? "");
    return query.orderBy("reviewerId").orderBy("item").execute();
  }

  async addShare(share: Omit<ShareRow, "id" | "createdAt" | "revokedAt">): Promise<ShareRow> {
    const row: ShareRow = { ...share, id: makeId("shr"), createdAt: Date.now(), revokedAt: null };
    await this.#db.insertInto("shares").values(row).execute();
    return row;
  }

  share(id: string): Promise<ShareRow | undefined> {
    return this.#db.selectFrom("shares").selectAll().where("id", "=", id).executeTakeFirst();
  }

  shares(recordingId: string): Promise<ShareRow[]> {
    return this.#db.selectFrom("shares").selectAll().where("recordingId", "=", recordingId).orderBy("id", "desc").execute();
  }

  /** The first time counts. */
  async revokeShare(id: string): Promise<void> {
    await this.#db.updateTable("shares").set({ revokedAt: Date.now() }).where("id", "=", id).where("revokedAt", "is", null).execute();
  }

  /** How many comments each reviewer has, for those who may not read them yet; notes are nobody's business. */
  async counts(recordingId: string): Promise<Map<string, number>> {
    const rows = await this.#db
      .selectFrom("comments")
      .select(["reviewerId", sql<number>`count(*)`.as("count")])
      .where("recordingId", "=", recordingId)
      .where("deletedAt", "is", null)
      .where("private", "=", 0)
      .groupBy("reviewerId")
      .execute();
    return new Map(rows.map(({ reviewerId, count }) => [reviewerId ?? "", Number(count)]));
  }
}
