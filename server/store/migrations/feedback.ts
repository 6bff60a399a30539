// Feedback by people with a name: who reviews, threads, what a room asks for, scores, and links for others.
import { type Kysely, type Migration, sql } from "kysely";

export const feedback: Migration = {
  async up(db: Kysely<never>) {
    const { schema } = db;
    await schema
      .createTable("guides")
      .addColumn("roomId", "text", (column) => column.primaryKey().references("rooms.id").onDelete("cascade"))
      .addColumn("markers", "text")
      .addColumn("rubric", "text")
      .addColumn("independent", "integer", (column) => column.notNull())
      .execute();
    await schema
      .createTable("reviewers")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("participantId", "text")
      .addColumn("shareId", "text")
      .addColumn("createdAt", "integer", (column) => column.notNull())
      .addColumn("handedInAt", "integer")
      .execute();
    await schema.createIndex("reviewers_by_recording").on("reviewers").column("recordingId").execute();
    await schema
      .createTable("reveals")
      .addColumn("recordingId", "text", (column) => column.primaryKey().references("recordings.id").onDelete("cascade"))
      .addColumn("revealedAt", "integer", (column) => column.notNull())
      .execute();
    await schema
      .createTable("sights")
      .addColumn("reviewerId", "text", (column) => column.notNull().references("reviewers.id").onDelete("cascade"))
      .addColumn("ofId", "text", (column) => column.notNull())
      .addColumn("seenAt", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("first_sight", ["reviewerId", "ofId"])
      .execute();
    await schema
      .createTable("scores")
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      .addColumn("reviewerId", "text", (column) => column.notNull().references("reviewers.id").onDelete("cascade"))
      .addColumn("aboutId", "text", (column) => column.notNull())
      .addColumn("item", "text", (column) => column.notNull())
      .addColumn("value", "integer")
      .addColumn("words", "text", (column) => column.notNull())
      .addColumn("evidence", "text", (column) => column.notNull())
      .addColumn("changedAt", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("one_score", ["recordingId", "reviewerId", "aboutId", "item"])
      .execute();
    await schema
      .createTable("shares")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("recordingId", "text", (column) => column.notNull().references("recordings.id").onDelete("cascade"))
      .addColumn("label", "text", (column) => column.notNull())
      .addColumn("mayComment", "integer", (column) => column.notNull())
      .addColumn("mayDownload", "integer", (column) => column.notNull())
      .addColumn("expiresAt", "integer")
      .addColumn("revokedAt", "integer")
      .addColumn("passphrase", "text")
      .addColumn("createdAt", "integer", (column) => column.notNull())
      .execute();
    await schema.createIndex("shares_by_recording").on("shares").column("recordingId").execute();
    for (const column of ["parentId text", "reviewerId text", "resolvedAt integer", "editedAt integer", "deletedAt integer"])
      await sql.raw(`ALTER TABLE comments ADD COLUMN ${column}`).execute(db);
    await sql.raw("ALTER TABLE comments ADD COLUMN version integer NOT NULL DEFAULT 1").execute(db);
    await schema.createIndex("replies_by_parent").on("comments").column("parentId").execute();
  },
};
