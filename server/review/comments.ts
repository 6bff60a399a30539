// Comments: words pinned at a time in the recording, in threads.
// Promise: a comment keeps its time whatever is composed again; nobody's words are lost to somebody who edits at the same moment; what was posted
// by a reviewer or with a link can be changed by them, or by a higher standing; a note is, to everybody but its writer, as if it were not.
import { UserError } from "../../protocol/errors.ts";
import type { Attachment, Comment, EditComment, NewComment } from "../../protocol/feedback.ts";
import { type Access, type Credentials, keyMissing, reaches } from "../store/access.ts";
import type { AttachmentRow } from "../store/attachments.ts";
import type { Catalog } from "../store/catalog.ts";
import type { CommentPlace, CommentRow } from "../store/feedback.ts";
import { type Attachments, attachedTo, type Viewer, viewerOf } from "./attachments.ts";
import type { Audience } from "./audience.ts";
import { type Asking, type Round, time } from "./round.ts";

export interface CommentsOptions {
  catalog: Catalog;
  access: Access;
  round: Round;
  audience: Audience;
  attachments: Attachments;
}

const pageSize = 500;

export class Comments {
  readonly #options: CommentsOptions;

  constructor(options: CommentsOptions) {
    this.#options = options;
  }

  async list(
    credentials: Credentials,
    recordingId: string,
    cursor: string | undefined,
  ): Promise<{ items: Comment[]; cursor: string | null }> {
    const asking = await this.#options.round.asking(credentials, recordingId, "look");
    const rows = await this.#options.catalog.feedback.comments(recordingId, placeOf(cursor), pageSize, onlyOf(asking), me(asking));
    await this.#options.round.saw(
      asking,
      rows.map(({ reviewerId }) => reviewerId),
    );
    const last = rows.at(-1);
    return { items: await this.#shown(rows, asking), cursor: last && rows.length === pageSize ? `${last.atMs}.${last.id}` : null };
  }

  /** Every comment that whoever asks may see and take along. Notes stay: what is taken along is handed on. */
  async all(credentials: Credentials, recordingId: string): Promise<{ asking: Asking; comments: Comment[] }> {
    const asking = await this.#options.round.asking(credentials, recordingId, "download");
    const rows = await this.#options.catalog.feedback.comments(recordingId, null, Number.MAX_SAFE_INTEGER, onlyOf(asking));
    await this.#options.round.saw(
      asking,
      rows.map(({ reviewerId }) => reviewerId),
    );
    return { asking, comments: await this.#shown(rows, asking) };
  }

  async #shown(rows: readonly CommentRow[], asking: Asking): Promise<Comment[]> {
    const attached = await this.#options.catalog.attachments.of(asking.recording.id);
    return rows.map((row) => this.#told(row, attached.get(row.id), viewerOf(asking)));
  }

  #told(row: CommentRow, attached: AttachmentRow | undefined, viewer: Viewer): Comment {
    return shown(row, attached ? this.#options.attachments.told(attached, viewer) : null);
  }

  async post(credentials: Credentials, recordingId: string, comment: NewComment): Promise<Comment> {
    const asking = await this.#options.round.asking(credentials, recordingId, "comment");
    const { reviewer, standing, share, hidden } = asking;
    // In secret, what has no writer would be everybody's who has no name either.
    if ((share || comment.private || hidden) && !reviewer) throw new UserError("bad-request", "Say who you are first.");
    if (comment.private && comment.parentId)
      throw new UserError("bad-request", "A reply is for whoever reads the thread: it cannot be a note.");
    if (!comment.body && !comment.attachmentId) throw nothingSaid();
    requireRange(comment.atMs, comment.endMs ?? null);
    const parent = comment.parentId ? await this.#parent(comment.parentId, asking) : null;
    const { feedback } = this.#options.catalog;
    const fresh = {
      recordingId,
      atMs: parent?.atMs ?? comment.atMs,
      endMs: parent ? null : (comment.endMs ?? null),
      participantId: comment.participantId ?? null,
      body: comment.body,
      marker: comment.marker ?? null,
      author: reviewer?.name ?? comment.author ?? null,
      standing,
      parentId: parent?.id ?? null,
      reviewerId: reviewer?.id ?? null,
      private: comment.private ? 1 : 0,
    };
    const row = comment.attachmentId ? await feedback.addCommentWith(comment.attachmentId, fresh) : await feedback.addComment(fresh);
    if (!row) throw nothingSent();
    return this.#tell(row, asking);
  }

  /** What was spoken is its writer's alone to exchange or take away: a host who may mend words cannot put another voice under a name. */
  async edit(credentials: Credentials, commentId: string, asked: EditComment): Promise<Comment> {
    const { resolved, version, private: secret, attachmentId, ...edit } = asked;
    const before = await this.#comment(credentials, commentId);
    const asking = await this.#options.round.asking(credentials, before.recordingId, "comment");
    this.#requireSeen(credentials, asking, before);
    const publishes = secret === false && before.private === 1;
    const spoken = await attachedTo(this.#options.catalog, before);
    const exchanges = attachmentId !== undefined && attachmentId !== (spoken?.id ?? null);
    const edits = Object.keys(edit).length > 0 || exchanges;
    if (edits || publishes) requireMine(asking, before);
    if (exchanges) requireWriter(asking, before);
    if ((edit.body !== undefined || exchanges) && !(edit.body ?? before.body) && !(exchanges ? attachmentId : spoken)) throw nothingSaid();
    if (secret && before.private === 0) throw new UserError("bad-request", "Others have read this comment: it cannot become a note again.");
    requireRange(edit.atMs ?? before.atMs, edit.endMs === undefined ? before.endMs : edit.endMs);
    const now = Date.now();
    const change = {
      ...edit,
      // Whoever is known by a name keeps it.
      ...(before.reviewerId !== null ? { author: before.author } : {}),
      ...(edits ? { editedAt: now } : {}),
      ...(publishes ? { private: 0 } : {}),
      ...(resolved === undefined ? {} : { resolvedAt: resolved ? (before.resolvedAt ?? now) : null }),
    };
    if ((version ?? before.version) !== before.version) throw await this.#changed(commentId, asking);
    const done = exchanges ? await this.#exchange(before, change, attachmentId, asking) : await this.#edit(before, change);
    if (!done) throw await this.#changed(commentId, asking);
    const told = await this.#tell({ ...before, ...change, version: before.version + 1 }, asking);
    if (exchanges && spoken) await this.#options.attachments.discard(spoken);
    return told;
  }

  /** False: somebody else was faster. */
  async #edit({ id, version }: CommentRow, change: Partial<CommentRow>): Promise<boolean> {
    return await this.#options.catalog.feedback.editComment(id, version, change);
  }

  async #exchange(before: CommentRow, change: Partial<CommentRow>, attachmentId: string | null, asking: Asking): Promise<boolean> {
    const { id, version, recordingId } = before;
    const sender = { recordingId, reviewerId: me(asking), standing: asking.standing };
    const done = await this.#options.catalog.feedback.exchangeAttachment(id, version, change, attachmentId, sender);
    if (done === "lost") throw nothingSent();
    return done === "done";
  }

  /** All notes of whoever asks become comments, at the seconds they were written about. */
  async publish(credentials: Credentials, recordingId: string): Promise<{ published: number }> {
    const asking = await this.#options.round.asking(credentials, recordingId, "comment");
    if (!asking.reviewer) throw new UserError("bad-request", "Say who you are first.");
    const { feedback } = this.#options.catalog;
    let published = 0;
    for (const note of await feedback.notes(recordingId, asking.reviewer.id)) {
      // Published or changed meanwhile from another tab: that one says how it is now.
      if (!(await feedback.editComment(note.id, note.version, { private: 0 }))) continue;
      await this.#tell({ ...note, private: 0, version: note.version + 1 }, asking);
      published++;
    }
    return { published };
  }

  /** A thread's first comment leaves its place to its replies. */
  async remove(credentials: Credentials, commentId: string): Promise<void> {
    const { feedback } = this.#options.catalog;
    const comment = await this.#comment(credentials, commentId);
    const asking = await this.#options.round.asking(credentials, comment.recordingId, "comment");
    this.#requireSeen(credentials, asking, comment);
    requireMine(asking, comment);
    const replies = comment.parentId === null ? await feedback.replies(comment.id) : [];
    if (replies.length > 0) {
      const gone = { body: "", author: null, marker: null, participantId: null, deletedAt: Date.now() };
      const attached = await attachedTo(this.#options.catalog, comment);
      if (!(await feedback.emptyComment(commentId, comment.version, gone))) throw await this.#changed(commentId, asking);
      await this.#tell({ ...comment, ...gone, version: comment.version + 1 }, asking);
      if (attached) await this.#options.attachments.discard(attached);
      return;
    }
    await this.#drop(comment, asking.hidden);
    const parent = comment.parentId === null ? undefined : await feedback.comment(comment.parentId);
    if (parent?.deletedAt != null && (await feedback.replies(parent.id)).length === 0) await this.#drop(parent, asking.hidden);
  }

  async #drop(comment: CommentRow, hidden: boolean): Promise<void> {
    const attached = await attachedTo(this.#options.catalog, comment);
    await this.#options.catalog.feedback.deleteComment(comment.id);
    if (attached) await this.#options.attachments.discard(attached);
    this.#options.audience.deleted(comment.recordingId, comment.id, hidden || comment.private ? comment.reviewerId : undefined);
  }

  /** To everybody who looks on and may see it; what `asking` is told is the answer. */
  async #tell(row: CommentRow, asking: Asking): Promise<Comment> {
    const attached = await attachedTo(this.#options.catalog, row);
    const told = this.#options.audience.comment(row, asking.hidden, (viewer) => this.#told(row, attached, viewer));
    await this.#options.round.told(told, row.reviewerId);
    return this.#told(row, attached, viewerOf(asking));
  }

  async #changed(commentId: string, asking: Asking): Promise<UserError> {
    const now = await this.#options.catalog.feedback.comment(commentId);
    if (!now) return new UserError("not-found", "This comment was deleted meanwhile.");
    return new UserError("changed", "Somebody else changed this comment meanwhile. Both texts are here.", {
      current: this.#told(now, await attachedTo(this.#options.catalog, now), viewerOf(asking)),
    });
  }

  async #comment(credentials: Credentials, commentId: string): Promise<CommentRow> {
    const comment = await this.#options.catalog.feedback.comment(commentId);
    if (comment) return comment;
    throw this.#absent(credentials);
  }

  #absent(credentials: Credentials): UserError {
    if (credentials.key === null) return keyMissing();
    return this.#options.access.isAdmin(credentials)
      ? new UserError("not-found", "There is no such comment.")
      : new UserError("not-allowed", "This key does not open that.");
  }

  /** Somebody else's note is answered as one that does not exist. */
  #requireSeen(credentials: Credentials, asking: Asking, comment: CommentRow): void {
    if (comment.private && comment.reviewerId !== me(asking)) throw this.#absent(credentials);
    requireSeen(asking, comment);
  }

  /** The first of the thread, also when a reply is answered. */
  async #parent(parentId: string, asking: Asking): Promise<CommentRow> {
    const { feedback } = this.#options.catalog;
    const found = await feedback.comment(parentId);
    const first = found?.parentId ? await feedback.comment(found.parentId) : found;
    const another = first?.private === 1 && first.reviewerId !== me(asking);
    if (!first || first.recordingId !== asking.recording.id || another)
      throw new UserError("not-found", "The comment you answer was deleted.");
    requireSeen(asking, first);
    if (first.private) throw new UserError("bad-request", "Publish this note before you answer it.");
    return first;
  }
}

function me({ reviewer }: Asking): string | null {
  return reviewer?.id ?? null;
}

/** Whose comments they see: undefined everybody's, else one reviewer's (null: those of nobody in particular). */
function onlyOf({ hidden, reviewer }: Asking): string | null | undefined {
  return hidden ? (reviewer?.id ?? null) : undefined;
}

function requireSeen(asking: Asking, comment: CommentRow): void {
  const only = onlyOf(asking);
  if (only !== undefined && comment.reviewerId !== only)
    throw new UserError("not-allowed", "What others wrote is hidden until all have handed in.");
}

function requireMine({ reviewer, standing }: Asking, comment: CommentRow): void {
  if (comment.deletedAt !== null) throw new UserError("not-found", "This comment was deleted.");
  const own =
    comment.reviewerId === null ? standing !== "shared" && reaches(standing, comment.standing) : reviewer?.id === comment.reviewerId;
  if (!own && !(reaches(standing, "host") && reaches(standing, comment.standing)))
    throw new UserError("not-allowed", "Only whoever wrote this comment, or the host, can change it.");
}

/** Of a comment without a name, whoever comes by the same key and has none either. */
function requireWriter({ reviewer, standing }: Asking, comment: CommentRow): void {
  const wrote = comment.reviewerId === (reviewer?.id ?? null) && (reviewer !== null || standing === comment.standing);
  if (!wrote) throw new UserError("not-allowed", "Only whoever recorded this can exchange it or take it away.");
}

function placeOf(cursor: string | undefined): CommentPlace | null {
  if (cursor === undefined) return null;
  const found = /^(\d{1,15})\.(cmt_[0-9a-z]{26})$/.exec(cursor);
  if (!found?.[1] || !found[2]) throw new UserError("bad-request", "This cursor is not one of ours.");
  return { atMs: Number(found[1]), id: found[2] };
}

function requireRange(atMs: number, endMs: number | null): void {
  if (endMs !== null && endMs < atMs) throw new UserError("bad-request", "A comment's end cannot lie before its start.");
}

function nothingSaid(): UserError {
  return new UserError("bad-request", "Write something, or record it.");
}

function nothingSent(): UserError {
  return new UserError("not-found", "What you recorded is no longer on the server. Post it once more.");
}

function shown(row: CommentRow, attachment: Attachment | null): Comment {
  const { standing: _, createdAt, resolvedAt, editedAt, deletedAt, private: secret, ...rest } = row;
  return {
    ...rest,
    private: secret === 1,
    createdAt: new Date(createdAt).toISOString(),
    resolvedAt: time(resolvedAt),
    editedAt: time(editedAt),
    deletedAt: time(deletedAt),
    attachment,
  };
}
