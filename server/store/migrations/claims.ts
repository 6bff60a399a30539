// Who of the film somebody says they are who came by a link, as long as the host has not confirmed it.
import { type Kysely, type Migration, sql } from "kysely";

export const claims: Migration = {
  async up(db: Kysely<never>) {
    await sql.raw("ALTER TABLE reviewers ADD COLUMN claimedId text").execute(db);
  },
};
