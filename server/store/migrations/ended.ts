// Which pages were in a call when the host ended it for everybody: whoever was away at that moment is told so when they come back, after a restart of the
// server, too.
import type { Kysely, Migration } from "kysely";

export const ended: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable("endedPages")
      .addColumn("roomId", "text", (column) => column.notNull().references("rooms.id").onDelete("cascade"))
      .addColumn("instance", "text", (column) => column.notNull())
      .addColumn("endedAt", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("one_end_per_page", ["roomId", "instance"])
      .execute();
  },
};
