// The catalog's part about calls: of those that go on, what the host has decided for them, who was in them and who was removed, so that a restart of the
// server opens no locked room and lets nobody back in who had to go; of those that a host ended for everybody, which pages were in them.
// Promise: as the catalog's, a method that has resolved is on disk.
import type { Kysely } from "kysely";

/** `locked`, `observersSpeak`: 0 or 1. `seenAt`: wall clock, ms, when somebody was last known to be in it. */
export interface CallRow {
  roomId: string;
  locked: number;
  observersSpeak: number;
  seenAt: number;
}
/** `removed`: 1 for whoever had to go. */
export interface CallerRow {
  roomId: string;
  participantId: string;
  removed: number;
}

/** A page that was in a call when it was ended for everybody. `endedAt`: wall clock, ms. */
export interface EndedPageRow {
  roomId: string;
  instance: string;
  endedAt: number;
}

export interface CallTables {
  calls: CallRow;
  callers: CallerRow;
  endedPages: EndedPageRow;
}

/** As it stands on disk. */
export interface KeptCall extends CallRow {
  callers: readonly CallerRow[];
}

/** What a call is while no host has decided anything. */
const fresh = { locked: 0, observersSpeak: 0 };

export class CallShelf {
  readonly #db: Kysely<CallTables>;

  constructor(db: Kysely<CallTables>) {
    this.#db = db;
  }

  async call(roomId: string): Promise<KeptCall | undefined> {
    const row = await this.#db.selectFrom("calls").selectAll().where("roomId", "=", roomId).executeTakeFirst();
    if (!row) return undefined;
    return { ...row, callers: await this.#db.selectFrom("callers").selectAll().where("roomId", "=", roomId).execute() };
  }

  /** Somebody is in it, perhaps for the first time; perhaps it begins with them. */
  async enter(roomId: string, participantId: string, seenAt: number): Promise<void> {
    await this.#change({ roomId, seenAt }, participantId);
  }

  async rule(roomId: string, rules: { locked: boolean; observersSpeak: boolean }, seenAt: number): Promise<void> {
    await this.#change({ roomId, locked: rules.locked ? 1 : 0, observersSpeak: rules.observersSpeak ? 1 : 0, seenAt });
  }

  async remove(roomId: string, participantId: string, seenAt: number): Promise<void> {
    await this.#change({ roomId, seenAt }, participantId, 1);
  }

  /** Somebody is still in each of these. */
  async seen(roomIds: readonly string[], seenAt: number): Promise<void> {
    await this.#db.updateTable("calls").set({ seenAt }).where("roomId", "in", roomIds).execute();
  }

  /** Nothing that was decided for it holds any more. `unseenSince`: unless somebody was seen in it after that. */
  async end(roomId: string, unseenSince?: number): Promise<void> {
    const call = this.#db.deleteFrom("calls").where("roomId", "=", roomId);
    await (unseenSince === undefined ? call : call.where("seenAt", "<", unseenSince)).execute();
  }

  /** The host ended it for everybody, these pages too. What ended before `since` is forgotten, of all rooms. */
  async close(roomId: string, instances: Iterable<string>, endedAt: number, since: number): Promise<void> {
    const pages = [...instances].map((instance) => ({ roomId, instance, endedAt }));
    await this.#db.transaction().execute(async (db) => {
      await db.deleteFrom("endedPages").where("endedAt", "<", since).execute();
      for (const page of pages)
        await db
          .insertInto("endedPages")
          .values(page)
          .onConflict((conflict) => conflict.columns(["roomId", "instance"]).doUpdateSet({ endedAt }))
          .execute();
    });
  }

  /** Was the call that this page was in ended for everybody, after `since`? */
  async closed(roomId: string, instance: string, since: number): Promise<boolean> {
    const page = this.#db.selectFrom("endedPages").select("endedAt").where("roomId", "=", roomId).where("instance", "=", instance);
    const row = await page.executeTakeFirst();
    return row !== undefined && row.endedAt >= since;
  }

  /** One transaction, so one sync. Whoever was removed stays so. */
  async #change(change: Partial<CallRow> & Pick<CallRow, "roomId" | "seenAt">, participantId?: string, removed = 0): Promise<void> {
    const { roomId, ...rest } = change;
    await this.#db.transaction().execute(async (db) => {
      await db
        .insertInto("calls")
        .values({ ...fresh, ...change })
        .onConflict((conflict) => conflict.column("roomId").doUpdateSet(rest))
        .execute();
      if (participantId === undefined) return;
      await db
        .insertInto("callers")
        .values({ roomId, participantId, removed })
        .onConflict((conflict) => (removed ? conflict.columns(["roomId", "participantId"]).doUpdateSet({ removed }) : conflict.doNothing()))
        .execute();
    });
  }
}
