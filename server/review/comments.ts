// Comments: words pinned at a time in the recording.
// Promise: a comment keeps its time whatever is composed again; what was posted with a link can be changed by that standing or a higher one.

import type * as z from "zod/mini";
import type { Comment, EditComment, NewComment } from "../../protocol/api.ts";
import { UserError } from "../../protocol/errors.ts";
import { type Access, type Credentials, keyMissing } from "../store/access.ts";
import type { Catalog, CommentRow } from "../store/catalog.ts";

const pageSize = 500;

export class Comments {
  readonly #catalog: Catalog;
  readonly #access: Access;

  constructor(catalog: Catalog, access: Access) {
    this.#catalog = catalog;
    this.#access = access;
  }

  async list(
    credentials: Credentials,
    recordingId: string,
    cursor: string | undefined,
  ): Promise<{ items: Comment[]; cursor: string | null }> {
    await this.#access.recording(credentials, recordingId, "observer");
    const after = Number(cursor ?? 0);
    if (!Number.isSafeInteger(after) || after < 0) throw new UserError("bad-request", "This cursor is not one of ours.");
    const rows = await this.#catalog.comments(recordingId, after, pageSize);
    return { items: rows.map(shown), cursor: rows.length === pageSize ? String(after + pageSize) : null };
  }

  async post(credentials: Credentials, recordingId: string, comment: NewComment): Promise<Comment> {
    const { standing } = await this.#access.recording(credentials, recordingId, "observer");
    requireRange(comment.atMs, comment.endMs ?? null);
    const row = await this.#catalog.addComment({
      recordingId,
      atMs: comment.atMs,
      endMs: comment.endMs ?? null,
      participantId: comment.participantId ?? null,
      body: comment.body,
      marker: comment.marker ?? null,
      author: comment.author ?? null,
      standing,
    });
    return shown(row);
  }

  async edit(credentials: Credentials, commentId: string, edit: z.infer<typeof EditComment>): Promise<Comment> {
    const before = await this.#mine(credentials, commentId);
    requireRange(edit.atMs ?? before.atMs, edit.endMs ?? before.endMs);
    await this.#catalog.editComment(commentId, edit);
    const after = await this.#catalog.comment(commentId);
    if (!after) throw new UserError("not-found", "This comment was deleted.");
    return shown(after);
  }

  async remove(credentials: Credentials, commentId: string): Promise<void> {
    await this.#mine(credentials, commentId);
    await this.#catalog.deleteComment(commentId);
  }

  async #mine(credentials: Credentials, commentId: string): Promise<CommentRow> {
    const comment = await this.#catalog.comment(commentId);
    if (!comment) {
      if (credentials.key === null) throw keyMissing();
      throw this.#access.isAdmin(credentials)
        ? new UserError("not-found", "There is no such comment.")
        : new UserError("not-allowed", "This key does not open that.");
    }
    await this.#access.recording(credentials, comment.recordingId, comment.standing as "host" | "guest" | "observer" | "admin");
    return comment;
  }
}

function requireRange(atMs: number, endMs: number | null): void {
  if (endMs !== null && endMs < atMs) throw new UserError("bad-request", "A comment's end cannot lie before its start.");
}

function shown(row: CommentRow): Comment {
  const { standing: _, createdAt, ...rest } = row;
  return { ...rest, createdAt: new Date(createdAt).toISOString() };
}
