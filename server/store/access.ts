// Who may do what: from the key somebody shows to their standing in one room.
// Promise: without a key 401; with one that opens nothing here 403, the same whether the thing exists or not.
import { UserError } from "../../protocol/errors.ts";
import type { Catalog, RecordingRow, RoomRow, TrackRow } from "./catalog.ts";
import type { Keys, Standing } from "./keys.ts";

/** What a request shows: the bearer key, and the token of a signed media URL. */
export interface Credentials {
  key: string | null;
  token: string | null;
}

export interface Granted {
  standing: Standing;
  room: RoomRow;
}

export class Access {
  readonly #catalog: Catalog;
  readonly #keys: Keys;

  constructor(catalog: Catalog, keys: Keys) {
    this.#catalog = catalog;
    this.#keys = keys;
  }

  requireAdmin({ key }: Credentials): void {
    if (key === null) throw keyMissing();
    if (!this.#keys.isAdmin(key))
      throw new UserError("not-allowed", "Only the admin key may do this. Open the admin link that the server printed when it started.");
  }

  isAdmin({ key }: Credentials): boolean {
    return this.#keys.isAdmin(key);
  }

  /** `least`: the lowest standing that may do it. */
  async room(credentials: Credentials, roomId: string, least: Standing): Promise<Granted> {
    const { key } = credentials;
    if (key === null) throw keyMissing();
    const room = await this.#catalog.room(roomId);
    const standing = this.#keys.standing(key, roomId, room?.generation ?? 0);
    if (!standing) throw forbidden();
    if (!room) throw new UserError("not-found", "There is no such room.");
    if (rank[standing] < rank[least]) throw new UserError("not-allowed", "This link may look, but not do that. Ask the host.");
    return { standing, room };
  }

  async recording(credentials: Credentials, recordingId: string, least: Standing): Promise<Granted & { recording: RecordingRow }> {
    if (credentials.key === null) throw keyMissing();
    const recording = await this.#catalog.recording(recordingId);
    if (!recording) throw this.isAdmin(credentials) ? new UserError("not-found", "There is no such recording.") : forbidden();
    return { ...(await this.room(credentials, recording.roomId, least)), recording };
  }

  /** For media: the bearer key of the room, or a signed URL's token. */
  async media(credentials: Credentials, recordingId: string): Promise<RecordingRow> {
    if (credentials.token !== null && this.#keys.opensMedia(credentials.token, recordingId, Date.now() / 1000)) {
      const recording = await this.#catalog.recording(recordingId);
      if (recording) return recording;
    }
    if (credentials.key === null && credentials.token !== null) throw forbidden();
    return (await this.recording(credentials, recordingId, "observer")).recording;
  }

  async mediaOfTrack(credentials: Credentials, trackId: string): Promise<{ track: TrackRow; recording: RecordingRow }> {
    if (credentials.key === null && credentials.token === null) throw keyMissing();
    const track = await this.#catalog.track(trackId);
    if (!track) throw this.isAdmin(credentials) ? new UserError("not-found", "There is no such track.") : forbidden();
    return { track, recording: await this.media(credentials, track.recordingId) };
  }
}

const rank: Record<Standing, number> = { observer: 0, guest: 1, host: 2, admin: 3 };

export function keyMissing(): UserError {
  return new UserError("key-missing", "A key is needed: send it as “Authorization: Bearer …”.");
}

function forbidden(): UserError {
  return new UserError("not-allowed", "This key does not open that.");
}
