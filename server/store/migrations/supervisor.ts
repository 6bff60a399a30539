// Notes that only their writer sees until they are published.
import { type Kysely, type Migration, sql } from "kysely";

export const supervisor: Migration = {
  async up(db: Kysely<never>) {
    await sql.raw("ALTER TABLE comments ADD COLUMN private integer NOT NULL DEFAULT 0").execute(db);
  },
};
