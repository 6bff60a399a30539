// What is said, marked and paused in a call is kept with its recording.
import type { Kysely, Migration } from "kysely";

export const call: Migration = {
  async up(db: Kysely<never>) {
    const { schema } = db;
    await schema
      .createTable("messages")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      .addColumn("participantId", "text", (column) => column.notNull())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .addColumn("sentMs", "integer", (column) => column.notNull())
      .addColumn("atMs", "integer", (column) => column.notNull())
      .execute();
    await schema.createIndex("messages_by_time").on("messages").columns(["recordingId", "atMs", "id"]).execute();
    await schema
      .createTable("bookmarks")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      .addColumn("participantId", "text", (column) => column.notNull())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("atMs", "integer", (column) => column.notNull())
      .execute();
    await schema.createIndex("bookmarks_by_time").on("bookmarks").columns(["recordingId", "atMs", "id"]).execute();
    await schema
      .createTable("pauses")
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      .addColumn("fromMs", "integer", (column) => column.notNull())
      .addColumn("toMs", "integer")
      .addPrimaryKeyConstraint("one_pause_at_a_time", ["recordingId", "fromMs"])
      .execute();
  },
};
