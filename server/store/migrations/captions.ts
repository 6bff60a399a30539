// What was said, in writing: each line belongs to a track, or to nobody known.
import type { Kysely, Migration } from "kysely";

export const captions: Migration = {
  async up(db: Kysely<never>) {
    const { schema } = db;
    await schema
      .createTable("captions")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      .addColumn("trackId", "text", (column) => column.references("tracks.id").onDelete("cascade"))
      .addColumn("fromMs", "integer", (column) => column.notNull())
      .addColumn("toMs", "integer", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .addColumn("origin", "text", (column) => column.notNull())
      .addColumn("editedAt", "integer")
      .addColumn("version", "integer", (column) => column.notNull())
      .execute();
    await schema.createIndex("captions_by_time").on("captions").columns(["recordingId", "fromMs", "id"]).execute();
  },
};
