// Whether what is whispered while it records is kept, of each room: not, unless somebody says so. And when the cards of a recording's role play were
// shown to everybody.
import { type Kysely, type Migration, sql } from "kysely";

export const debrief: Migration = {
  async up(db: Kysely<never>) {
    await sql.raw("ALTER TABLE rooms ADD COLUMN keepWhispers integer NOT NULL DEFAULT 0").execute(db);
    await sql.raw("ALTER TABLE scenes ADD COLUMN shownAt integer").execute(db);
  },
};
