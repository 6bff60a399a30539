// Everything of one recording into the catalog at once, as a bundle brings it.
// Promise: all of it is there, or nothing of it.
import type { Kysely } from "kysely";
import type { AttachmentRow } from "./attachments.ts";
import type { CaptionRow } from "./captions.ts";
import type { BookmarkRow, MessageRow, ParticipantRow, PauseRow, RecordingRow, RoomRow, SegmentRow, TrackRow } from "./catalog.ts";
import type { CommentRow, GuideRow, ReviewerRow, ScoreRow, SightRow } from "./feedback.ts";
import type { SceneRow } from "./plays.ts";

/** Rows by table, each after those it refers to. All ids were made here. */
export interface RestoredRows {
  rooms: RoomRow[];
  guides: GuideRow[];
  participants: ParticipantRow[];
  recordings: RecordingRow[];
  pauses: PauseRow[];
  tracks: TrackRow[];
  segments: SegmentRow[];
  messages: MessageRow[];
  bookmarks: BookmarkRow[];
  reviewers: ReviewerRow[];
  reveals: { recordingId: string; revealedAt: number }[];
  sights: SightRow[];
  comments: CommentRow[];
  attachments: AttachmentRow[];
  captions: CaptionRow[];
  scenes: SceneRow[];
  scores: ScoreRow[];
}

/** In the order in which they refer to one another. */
const order = [
  "rooms",
  "guides",
  "participants",
  "recordings",
  "pauses",
  "tracks",
  "segments",
  "messages",
  "bookmarks",
  "reviewers",
  "reveals",
  "sights",
  "comments",
  "attachments",
  "captions",
  "scenes",
  "scores",
] as const satisfies (keyof RestoredRows)[];

/** SQLite takes some thirty thousand values in one statement; a comment has sixteen. */
const rowsAtOnce = 500;

export async function restore(db: Kysely<never>, rows: RestoredRows): Promise<void> {
  await (db as unknown as Kysely<Record<string, object>>).transaction().execute(async (transaction) => {
    for (const table of order)
      for (let at = 0; at < rows[table].length; at += rowsAtOnce)
        await transaction
          .insertInto(table)
          .values(rows[table].slice(at, at + rowsAtOnce))
          .execute();
  });
}
