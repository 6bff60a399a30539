// The first catalog. Only what cannot be derived from the files is kept: who, which room, when Record and Stop were pressed, comments.
import type { Kysely, Migration } from "kysely";

export const first: Migration = {
  async up(db: Kysely<never>) {
    const schema = db.schema;
    await schema
      .createTable("rooms")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("generation", "integer", (column) => column.notNull())
      .addColumn("createdAt", "integer", (column) => column.notNull())
      .execute();
    await schema
      .createTable("participants")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("roomId", "text", (column) => column.notNull().references("rooms.id").onDelete("cascade"))
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("role", "text", (column) => column.notNull())
      .addColumn("consentedAt", "integer")
      .execute();
    await schema
      .createTable("recordings")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("roomId", "text", (column) => column.notNull().references("rooms.id").onDelete("cascade"))
      .addColumn("startedAt", "integer", (column) => column.notNull())
      .addColumn("zeroMs", "real", (column) => column.notNull())
      .addColumn("epoch", "text", (column) => column.notNull())
      .addColumn("durationMs", "integer")
      .execute();
    await schema.createIndex("recordings_by_room").on("recordings").columns(["roomId", "startedAt"]).execute();
    await schema
      .createTable("tracks")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      .addColumn("participantId", "text", (column) => column.notNull().references("participants.id"))
      .addColumn("source", "text", (column) => column.notNull())
      .addColumn("ended", "integer", (column) => column.notNull())
      .addColumn("lost", "integer", (column) => column.notNull())
      .addUniqueConstraint("one_person_one_track", ["recordingId", "participantId", "source"])
      .execute();
    await schema
      .createTable("segments")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("trackId", "text", (column) => column.notNull().references("tracks.id").onDelete("cascade"))
      .addColumn("facts", "text", (column) => column.notNull())
      .addColumn("sha256", "text")
      .addColumn("refusal", "text")
      .execute();
    await schema.createIndex("segments_by_track").on("segments").column("trackId").execute();
    await schema
      .createTable("comments")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      .addColumn("atMs", "integer", (column) => column.notNull())
      .addColumn("endMs", "integer")
      .addColumn("participantId", "text")
      .addColumn("body", "text", (column) => column.notNull())
      .addColumn("marker", "text")
      .addColumn("author", "text")
      .addColumn("standing", "text", (column) => column.notNull())
      .addColumn("createdAt", "integer", (column) => column.notNull())
      .execute();
    await schema.createIndex("comments_by_time").on("comments").columns(["recordingId", "atMs", "id"]).execute();
  },
};
