// Which scenario a room is to play and who plays what; and what each recording was a role play of.
import type { Kysely, Migration } from "kysely";

export const scenario: Migration = {
  async up(db: Kysely<never>) {
    const { schema } = db;
    await schema
      .createTable("plays")
      .addColumn("roomId", "text", (column) => column.primaryKey().references("rooms.id").onDelete("cascade"))
      .addColumn("scenario", "text", (column) => column.notNull())
      .addColumn("seed", "text", (column) => column.notNull())
      .addColumn("draw", "integer", (column) => column.notNull())
      .addColumn("persona", "integer")
      .addColumn("cast", "text", (column) => column.notNull())
      .execute();
    await schema
      .createTable("scenes")
      .addColumn("recordingId", "text", (column) => column.primaryKey().references("recordings.id").onDelete("cascade"))
      .addColumn("scenario", "text", (column) => column.notNull())
      .addColumn("persona", "integer")
      .addColumn("cast", "text", (column) => column.notNull())
      .execute();
  },
};
