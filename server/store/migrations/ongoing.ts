// What the host has decided for a call that goes on, and who was in it: a restart of the server must neither unlock a room nor let somebody back in who was
// removed.
import type { Kysely, Migration } from "kysely";

export const ongoing: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable("calls")
      .addColumn("roomId", "text", (column) => column.primaryKey().references("rooms.id").onDelete("cascade"))
      .addColumn("locked", "integer", (column) => column.notNull())
      .addColumn("observersSpeak", "integer", (column) => column.notNull())
      .addColumn("seenAt", "integer", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("callers")
      .addColumn("roomId", "text", (column) => column.notNull().references("calls.roomId").onDelete("cascade"))
      .addColumn("participantId", "text", (column) => column.notNull())
      .addColumn("removed", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("one_caller_per_call", ["roomId", "participantId"])
      .execute();
  },
};
