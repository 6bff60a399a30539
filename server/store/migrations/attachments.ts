// What is attached to comments: where it lies is told by its id; what it is, by what was found in it.
import type { Kysely, Migration } from "kysely";

export const attachments: Migration = {
  async up(db: Kysely<never>) {
    const { schema } = db;
    await schema
      .createTable("attachments")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      // A comment that goes leaves it loose: then its file goes, and after that this row, so that no file is ever without one.
      .addColumn("commentId", "text", (column) => column.unique().references("comments.id").onDelete("set null"))
      .addColumn("reviewerId", "text")
      .addColumn("standing", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("durationMs", "integer", (column) => column.notNull())
      .addColumn("bytes", "integer", (column) => column.notNull())
      .addColumn("createdAt", "integer", (column) => column.notNull())
      .execute();
    await schema.createIndex("attachments_by_recording").on("attachments").columns(["recordingId", "commentId"]).execute();
  },
};
