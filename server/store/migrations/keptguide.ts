// What a recording keeps of what its room asked when feedback was given: a room that asks for something else later does not change it.
import type { Kysely, Migration } from "kysely";

export const keptGuide: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable("keptGuides")
      .addColumn("recordingId", "text", (column) => column.primaryKey().references("recordings.id").onDelete("cascade"))
      .addColumn("markers", "text")
      .addColumn("rubric", "text")
      .execute();
  },
};
