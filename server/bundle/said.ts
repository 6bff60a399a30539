// What was said in a recording and about it, as it is told: for the bundle.
import type { Contents } from "../../protocol/bundle.ts";
import type { AttachmentRow } from "../store/attachments.ts";
import type { Catalog } from "../store/catalog.ts";

/** With what was spoken into it as the catalog has it. */
type SaidComment = Omit<Contents["comments"][number], "attachment"> & { attachment: AttachmentRow | null };
type Said = Pick<Contents, "chat" | "bookmarks" | "revealedAt" | "reviewers" | "sights" | "captions" | "scores"> & {
  comments: SaidComment[];
};

const everything = Number.MAX_SAFE_INTEGER;

/** `only`: the feedback of one reviewer (null: of nobody in particular); undefined: everybody's. `writers`: whose is among it. Ids are the catalog's,
 * which has no others. */
export async function saidOf(
  catalog: Catalog,
  recordingId: string,
  only: string | null | undefined,
): Promise<{ said: Said; writers: string[] }> {
  const { feedback } = catalog;
  const [messages, bookmarks, revealedAt, reviewers, sights, comments, attached, captions, scores] = await Promise.all([
    catalog.messages(recordingId, 0, everything),
    catalog.bookmarks(recordingId, 0, everything),
    feedback.revealedAt(recordingId),
    feedback.reviewers(recordingId),
    feedback.sights(recordingId),
    feedback.comments(recordingId, null, everything, only),
    catalog.attachments.of(recordingId),
    catalog.captions.list(recordingId, null, everything),
    feedback.scores(recordingId, only),
  ]);
  const said = {
    chat: messages.map(({ id, participantId, name, body, sentMs, atMs }) => ({
      id,
      participant: { id: participantId, name },
      body,
      sentMs,
      atMs,
    })),
    bookmarks: bookmarks.map(({ id, participantId, name, atMs }) => ({ id, participant: { id: participantId, name }, atMs })),
    revealedAt: time(revealedAt),
    reviewers: reviewers.map(({ id, name, participantId, handedInAt }) => ({ id, name, participantId, handedInAt: time(handedInAt) })),
    sights: sights.map(({ seenAt, ...sight }) => ({ ...sight, seenAt: new Date(seenAt).toISOString() })),
    comments: comments.map(({ standing: _, private: __, ...comment }) => ({
      ...comment,
      createdAt: new Date(comment.createdAt).toISOString(),
      resolvedAt: time(comment.resolvedAt),
      editedAt: time(comment.editedAt),
      deletedAt: time(comment.deletedAt),
      attachment: attached.get(comment.id) ?? null,
    })),
    captions: captions.map(({ trackId, fromMs, toMs, body, origin, editedAt }) => ({
      ...{ trackId, fromMs, toMs, body, origin },
      mended: editedAt !== null,
    })),
    scores: scores.map(({ recordingId: _, evidence, changedAt, ...score }) => ({
      ...score,
      evidence: JSON.parse(evidence),
      changedAt: new Date(changedAt).toISOString(),
    })),
  };
  const writers = [...comments, ...scores].flatMap(({ reviewerId }) => reviewerId ?? []);
  return { said, writers: [...new Set(writers)] };
}

function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
