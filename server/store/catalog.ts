// The catalog: who, which room, when. Lose it and you lose comments, not recordings.
// Promise: a method that has resolved is on disk (WAL with synchronous=FULL).
import { Kysely, Migrator, sql } from "kysely";
import { typeid } from "typeid-js";
import type { Role } from "../../protocol/call.ts";
import type { SegmentFacts, Source, TrackSource, WhisperSource } from "../../protocol/recording.ts";
import { AttachmentShelf } from "./attachments.ts";
import { CallShelf, type CallTables } from "./calls.ts";
import { CaptionShelf, type CaptionTables } from "./captions.ts";
import { FeedbackShelf, type FeedbackTables } from "./feedback.ts";
import { migrations } from "./migrations/index.ts";
import { PlayShelf, type PlayTables } from "./plays.ts";
import { type RestoredRows, restore } from "./restoring.ts";
import { openSqlite } from "./sqlite.ts";

/** `keepWhispers`: 1 where what is whispered while it records is kept. */
export interface RoomRow {
  id: string;
  name: string;
  generation: number;
  createdAt: number;
  keepWhispers: number;
}
export interface ParticipantRow {
  id: string;
  roomId: string;
  name: string;
  role: Role;
  consentedAt: number | null;
}
/** `startedAt`: wall clock, ms, for people. `zeroMs` and `epoch`: Record on the server's monotonic clock. `durationMs`: null while it records. */
export interface RecordingRow {
  id: string;
  roomId: string;
  startedAt: number;
  zeroMs: number;
  epoch: string;
  durationMs: number | null;
}
/** `ended`: the browser said that no more will come. `lost`: we stopped waiting. Both are taken back when more comes after all. */
export interface TrackRow<Of extends TrackSource = TrackSource> {
  id: string;
  recordingId: string;
  participantId: string;
  source: Of;
  ended: number;
  lost: number;
}
/** `facts`: SegmentFacts as JSON. `sha256`: set once sealed. `refusal`: the sentence with which its bytes were turned away. */
export interface SegmentRow {
  id: string;
  trackId: string;
  facts: string;
  sha256: string | null;
  refusal: string | null;
}
/** Said while the recording was on. `sentMs`: wall clock; `atMs`: recording time. */
export interface MessageRow {
  id: string;
  recordingId: string;
  participantId: string;
  name: string;
  body: string;
  sentMs: number;
  atMs: number;
}
export interface BookmarkRow {
  id: string;
  recordingId: string;
  participantId: string;
  name: string;
  atMs: number;
}
/** `toMs` null: it is paused now. */
export interface PauseRow {
  recordingId: string;
  fromMs: number;
  toMs: number | null;
}

interface Tables extends FeedbackTables, PlayTables, CaptionTables, CallTables {
  rooms: RoomRow;
  participants: ParticipantRow;
  recordings: RecordingRow;
  tracks: TrackRow;
  segments: SegmentRow;
  messages: MessageRow;
  bookmarks: BookmarkRow;
  pauses: PauseRow;
}

/** Of these a film may consist. */
const onFilm: Source[] = ["camera", "screen"];

export function makeId(prefix: string): string {
  return typeid(prefix).toString();
}

export class Catalog {
  readonly #db: Kysely<Tables>;
  readonly feedback: FeedbackShelf;
  readonly attachments: AttachmentShelf;
  readonly plays: PlayShelf;
  readonly captions: CaptionShelf;
  readonly calls: CallShelf;

  private constructor(db: Kysely<Tables>) {
    this.#db = db;
    this.feedback = new FeedbackShelf(db as unknown as Kysely<FeedbackTables>);
    this.attachments = new AttachmentShelf(db as unknown as Kysely<FeedbackTables>);
    this.plays = new PlayShelf(db as unknown as Kysely<PlayTables>);
    this.captions = new CaptionShelf(db as unknown as Kysely<CaptionTables>);
    this.calls = new CallShelf(db as unknown as Kysely<CallTables>);
  }

  /** Opens or creates the file and brings it to the newest migration. */
  static async open(file: string): Promise<Catalog> {
    const db = new Kysely<Tables>({ dialect: openSqlite(file) });
    const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
    if (error) throw new Error("the catalog could not be migrated", { cause: error });
    return new Catalog(db);
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }

  /** Throws when the catalog cannot be written. */
  async check(): Promise<void> {
    await sql`PRAGMA user_version = 1`.execute(this.#db);
  }

  async addRoom(name: string, keepWhispers = false): Promise<RoomRow> {
    const room = { id: makeId("room"), name, generation: 1, createdAt: Date.now(), keepWhispers: keepWhispers ? 1 : 0 };
    await this.#db.insertInto("rooms").values(room).execute();
    return room;
  }

  room(id: string): Promise<RoomRow | undefined> {
    return this.#db.selectFrom("rooms").selectAll().where("id", "=", id).executeTakeFirst();
  }

  async keepWhispers(roomId: string, keep: boolean): Promise<void> {
    await this.#db
      .updateTable("rooms")
      .set({ keepWhispers: keep ? 1 : 0 })
      .where("id", "=", roomId)
      .execute();
  }

  async saveParticipant(participant: ParticipantRow): Promise<void> {
    await this.#db
      .insertInto("participants")
      .values(participant)
      .onConflict((conflict) =>
        conflict.column("id").doUpdateSet({ name: participant.name, role: participant.role, consentedAt: participant.consentedAt }),
      )
      .execute();
  }

  participant(id: string): Promise<ParticipantRow | undefined> {
    return this.#db.selectFrom("participants").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** Who may be on the film. */
  participantsOf(recordingId: string): Promise<ParticipantRow[]> {
    const ids = this.#filmed().select("participantId").where("recordingId", "=", recordingId);
    return this.#db.selectFrom("participants").selectAll().where("id", "in", ids).execute();
  }

  async addRecording(recording: Omit<RecordingRow, "id" | "durationMs">): Promise<RecordingRow> {
    const row = { ...recording, id: makeId("rec"), durationMs: null };
    await this.#db.insertInto("recordings").values(row).execute();
    return row;
  }

  /** A recording that comes from elsewhere, with everything that belongs to it: all at once, or not at all. */
  async restore(rows: RestoredRows): Promise<void> {
    await restore(this.#db as unknown as Kysely<never>, rows);
  }

  recording(id: string): Promise<RecordingRow | undefined> {
    return this.#db.selectFrom("recordings").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** The one that still runs in this room, also after a restart of the server. */
  runningRecording(roomId: string): Promise<RecordingRow | undefined> {
    return this.#db.selectFrom("recordings").selectAll().where("roomId", "=", roomId).where("durationMs", "is", null).executeTakeFirst();
  }

  /** Newest first, starting after `before` (a recording id; ids sort by time). */
  recordings(filter: { roomId?: string | undefined; before?: string | undefined; limit: number }): Promise<RecordingRow[]> {
    let query = this.#db.selectFrom("recordings").selectAll().orderBy("id", "desc").limit(filter.limit);
    if (filter.roomId) query = query.where("roomId", "=", filter.roomId);
    if (filter.before) query = query.where("id", "<", filter.before);
    return query.execute();
  }

  allRecordings(): Promise<RecordingRow[]> {
    return this.#db.selectFrom("recordings").selectAll().orderBy("id").execute();
  }

  /** The first Stop counts. */
  async stopRecording(id: string, durationMs: number): Promise<void> {
    await this.#db.updateTable("recordings").set({ durationMs }).where("id", "=", id).where("durationMs", "is", null).execute();
  }

  async deleteRecording(id: string): Promise<void> {
    await this.#db.deleteFrom("recordings").where("id", "=", id).execute();
  }

  /** The same track however often it is asked for. */
  async trackFor(recordingId: string, participantId: string, source: TrackSource): Promise<TrackRow> {
    const track: TrackRow = { id: makeId("trk"), recordingId, participantId, source, ended: 0, lost: 0 };
    await this.#db
      .insertInto("tracks")
      .values(track)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const key = this.#db.selectFrom("tracks").selectAll().where("recordingId", "=", recordingId);
    return key.where("participantId", "=", participantId).where("source", "=", source).executeTakeFirstOrThrow();
  }

  track(id: string): Promise<TrackRow | undefined> {
    return this.#db.selectFrom("tracks").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** In the order in which people first came into the room (ids sort by time), the camera before the screen: their places on the film. What was
   * whispered is not among them: whoever composes, describes or measures never sees it. */
  tracks(recordingId: string): Promise<TrackRow<Source>[]> {
    const mine = this.#filmed().selectAll().where("recordingId", "=", recordingId);
    return mine.orderBy("participantId").orderBy("source").execute() as Promise<TrackRow<Source>[]>;
  }

  /** What was whispered while it was recorded, by who whispered. */
  whispers(recordingId: string): Promise<TrackRow<WhisperSource>[]> {
    const mine = this.#db.selectFrom("tracks").selectAll().where("recordingId", "=", recordingId).where("source", "not in", onFilm);
    return mine.orderBy("participantId").orderBy("source").execute() as Promise<TrackRow<WhisperSource>[]>;
  }

  #filmed() {
    return this.#db.selectFrom("tracks").where("source", "in", onFilm);
  }

  async markTrack(id: string, mark: { ended?: 0 | 1; lost?: 0 | 1 }): Promise<void> {
    await this.#db.updateTable("tracks").set(mark).where("id", "=", id).execute();
  }

  async addSegment(id: string, trackId: string, facts: SegmentFacts): Promise<SegmentRow> {
    const row: SegmentRow = { id, trackId, facts: JSON.stringify(facts), sha256: null, refusal: null };
    await this.#db
      .insertInto("segments")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return this.#db.selectFrom("segments").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  }

  segment(id: string): Promise<SegmentRow | undefined> {
    return this.#db.selectFrom("segments").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** Of `tracks`, so without what was whispered. */
  segments(recordingId: string): Promise<SegmentRow[]> {
    const tracks = this.#filmed().select("id").where("recordingId", "=", recordingId);
    return this.#db.selectFrom("segments").selectAll().where("trackId", "in", tracks).orderBy("id").execute();
  }

  /** Whatever was sent, what was whispered included. */
  everySegment(recordingId: string): Promise<SegmentRow[]> {
    const tracks = this.#db.selectFrom("tracks").select("id").where("recordingId", "=", recordingId);
    return this.#db.selectFrom("segments").selectAll().where("trackId", "in", tracks).orderBy("id").execute();
  }

  /** Of one track, refused ones included. */
  async segmentCount(trackId: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom("segments")
      .select((table) => table.fn.countAll<number>().as("count"))
      .where("trackId", "=", trackId)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async sealSegment(id: string, sha256: string): Promise<void> {
    await this.#db.updateTable("segments").set({ sha256 }).where("id", "=", id).execute();
  }

  async refuseSegment(id: string, refusal: string): Promise<void> {
    await this.#db.updateTable("segments").set({ refusal }).where("id", "=", id).execute();
  }

  /** False: it is there already, and stays as it was. */
  async addMessage(message: MessageRow): Promise<boolean> {
    const query = this.#db.insertInto("messages").values(message);
    const { numInsertedOrUpdatedRows } = await query.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  /** False: it is there already, and stays as it was. */
  async addBookmark(bookmark: BookmarkRow): Promise<boolean> {
    const query = this.#db.insertInto("bookmarks").values(bookmark);
    const { numInsertedOrUpdatedRows } = await query.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  /** By time in the recording, after `after` (offset into that order). */
  messages(recordingId: string, after: number, limit: number): Promise<MessageRow[]> {
    const mine = this.#db.selectFrom("messages").selectAll().where("recordingId", "=", recordingId);
    return mine.orderBy("atMs").orderBy("id").limit(limit).offset(after).execute();
  }

  bookmarks(recordingId: string, after: number, limit: number): Promise<BookmarkRow[]> {
    const mine = this.#db.selectFrom("bookmarks").selectAll().where("recordingId", "=", recordingId);
    return mine.orderBy("atMs").orderBy("id").limit(limit).offset(after).execute();
  }

  pauses(recordingId: string): Promise<PauseRow[]> {
    return this.#db.selectFrom("pauses").selectAll().where("recordingId", "=", recordingId).orderBy("fromMs").execute();
  }

  async pause(recordingId: string, fromMs: number): Promise<void> {
    await this.#db
      .insertInto("pauses")
      .values({ recordingId, fromMs, toMs: null })
      .onConflict((conflict) => conflict.columns(["recordingId", "fromMs"]).doUpdateSet({ toMs: null }))
      .execute();
  }

  /** Ends the pause that goes on. */
  async resume(recordingId: string, toMs: number): Promise<void> {
    await this.#db.updateTable("pauses").set({ toMs }).where("recordingId", "=", recordingId).where("toMs", "is", null).execute();
  }
}
