// The catalog's part about captions. Promise: as the catalog's, a method that has resolved is on disk; captions of a track are replaced whole or not at all.
import type { Kysely } from "kysely";
import { typeid } from "typeid-js";

/** `trackId` null: nobody knows whose words these are. */
export interface CaptionRow {
  id: string;
  recordingId: string;
  trackId: string | null;
  fromMs: number;
  toMs: number;
  body: string;
  origin: "file" | "machine";
  editedAt: number | null;
  version: number;
}

export interface CaptionTables {
  captions: CaptionRow;
}

export type NewLine = Pick<CaptionRow, "trackId" | "fromMs" | "toMs" | "body">;

/** Where a page of them ended: the next one begins after it. */
export interface CaptionPlace {
  fromMs: number;
  id: string;
}

/** Rows in one statement: SQLite takes 32,766 values at a time. */
const together = 1000;

export class CaptionShelf {
  readonly #db: Kysely<CaptionTables>;

  constructor(db: Kysely<CaptionTables>) {
    this.#db = db;
  }

  /** Instead of all there was of these tracks (null: of nobody). `unlessTouched`: not where people have put a hand to it; false then. */
  async replace(
    recordingId: string,
    trackIds: readonly (string | null)[],
    origin: CaptionRow["origin"],
    lines: readonly NewLine[],
    unlessTouched = false,
  ): Promise<boolean> {
    return await this.#db.transaction().execute(async (db) => {
      for (const trackId of trackIds) {
        const touched = db
          .selectFrom("captions")
          .select("id")
          .where("recordingId", "=", recordingId)
          .where("trackId", trackId === null ? "is" : "=", trackId)
          .where((where) => where.or([where("origin", "=", "file"), where("editedAt", "is not", null)]));
        if (unlessTouched && (await touched.limit(1).executeTakeFirst())) return false;
        await db
          .deleteFrom("captions")
          .where("recordingId", "=", recordingId)
          .where("trackId", trackId === null ? "is" : "=", trackId)
          .execute();
      }
      for (let from = 0; from < lines.length; from += together) {
        const rows = lines.slice(from, from + together).map(({ trackId, fromMs, toMs, body }) => ({
          ...{ id: typeid("cap").toString(), recordingId, trackId, fromMs, toMs, body },
          ...{ origin, editedAt: null, version: 1 },
        }));
        await db.insertInto("captions").values(rows).execute();
      }
      return true;
    });
  }

  /** By time, after `after`. `trackId`: of one track; absent: of all. */
  list(recordingId: string, after: CaptionPlace | null, limit: number, trackId?: string): Promise<CaptionRow[]> {
    let query = this.#db.selectFrom("captions").selectAll().where("recordingId", "=", recordingId);
    if (after)
      query = query.where((where) =>
        where.or([where("fromMs", ">", after.fromMs), where.and([where("fromMs", "=", after.fromMs), where("id", ">", after.id)])]),
      );
    if (trackId !== undefined) query = query.where("trackId", "=", trackId);
    return query.orderBy("fromMs").orderBy("id").limit(limit).execute();
  }

  one(id: string): Promise<CaptionRow | undefined> {
    return this.#db.selectFrom("captions").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** False: it is of another version by now, or gone. */
  async edit(
    id: string,
    version: number,
    change: Partial<Pick<CaptionRow, "body" | "fromMs" | "toMs" | "trackId" | "editedAt">>,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable("captions")
      .set({ ...change, version: version + 1 })
      .where("id", "=", id)
      .where("version", "=", version)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async remove(id: string): Promise<void> {
    await this.#db.deleteFrom("captions").where("id", "=", id).execute();
  }

  /** `trackId`: of one track; absent: all of the recording's. */
  async clear(recordingId: string, trackId?: string): Promise<void> {
    let query = this.#db.deleteFrom("captions").where("recordingId", "=", recordingId);
    if (trackId !== undefined) query = query.where("trackId", "=", trackId);
    await query.execute();
  }

  /** Those that have any. */
  async tracks(recordingId: string): Promise<Set<string | null>> {
    const rows = await this.#db.selectFrom("captions").select("trackId").distinct().where("recordingId", "=", recordingId).execute();
    return new Set(rows.map(({ trackId }) => trackId));
  }
}
