// Who may do what: from the key somebody shows to their standing in one room, or to what a link to one recording allows.
// Promise: without a key 401; with one that opens nothing here 403, the same whether the thing exists or not; what is not granted is refused.
import { UserError } from "../../protocol/errors.ts";
import type { Right } from "../../protocol/feedback.ts";
import { isWhisper } from "../../protocol/recording.ts";
import type { Catalog, RecordingRow, RoomRow, TrackRow } from "./catalog.ts";
import type { ReviewerRow, ShareRow } from "./feedback.ts";
import { type Keys, type Standing, same } from "./keys.ts";

/** What a request shows: the bearer key, the token of a signed media URL, which reviewer it is, and who it was in the call. */
export interface Credentials {
  key: string | null;
  token: string | null;
  reviewer?: string | null;
  participant?: string | null;
}

/** In the address of a bundle that the host is given: whoever has it gets what only the host may have. No share's id looks like it. */
export const hostHolder = "host";

export interface Granted {
  standing: Standing;
  room: RoomRow;
}

/** `standing` "shared": by a link to this one recording, which is `share`. */
export interface GrantedRecording {
  standing: Standing | "shared";
  may: readonly Right[];
  share: ShareRow | null;
  room: RoomRow;
  recording: RecordingRow;
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

  /** `least`: the lowest standing that may do it. A link to one recording has none in its room. */
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

  async recording(credentials: Credentials, recordingId: string, need: Right): Promise<GrantedRecording> {
    if (credentials.key === null) throw keyMissing();
    const recording = await this.#catalog.recording(recordingId);
    if (!recording) throw this.isAdmin(credentials) ? new UserError("not-found", "There is no such recording.") : forbidden();
    const granted = (await this.#shared(credentials.key, recording)) ?? (await this.#byRoom(credentials, recording));
    if (!granted.may.includes(need)) throw new UserError("not-allowed", refusals[need]);
    return granted;
  }

  /** For media: the bearer key of the room or of a link, or a signed URL's token, which is worth what the link it was handed out by is worth now. */
  async media(credentials: Credentials, recordingId: string, need: "look" | "download"): Promise<RecordingRow> {
    const holder = credentials.token === null ? null : this.#keys.opensMedia(credentials.token, recordingId, Date.now() / 1000);
    if (holder !== null) {
      const recording = await this.#catalog.recording(recordingId);
      const ofRoom = holder === "" || holder === hostHolder;
      const share = ofRoom ? null : await this.#catalog.feedback.share(holder);
      if (recording && (ofRoom || (share && isOpen(share) && rightsOf(share).includes(need)))) return recording;
    }
    if (credentials.key === null && credentials.token !== null) throw forbidden();
    return (await this.recording(credentials, recordingId, need)).recording;
  }

  /** The link (a share's id) these credentials are of; "": a key of the room; `hostHolder`: an address of the host's own. For addresses that are
   * handed on. */
  async holder(credentials: Credentials, recordingId: string): Promise<string> {
    const holder = credentials.token === null ? null : this.#keys.opensMedia(credentials.token, recordingId, Date.now() / 1000);
    return holder ?? (await this.recording(credentials, recordingId, "look")).share?.id ?? "";
  }

  /** Whether this is the host's: by the key, or by an address that was handed out to the host. */
  async hosts(credentials: Credentials, recordingId: string): Promise<boolean> {
    const { key, token } = credentials;
    if (token !== null && this.#keys.opensMedia(token, recordingId, Date.now() / 1000) === hostHolder) return true;
    return key !== null && (await this.recording(credentials, recordingId, "look")).may.includes("host");
  }

  /** Whom an address of something attached to a comment was told to, worth what the link it was told by is worth now. Null: it is none. */
  async toldTo(credentials: Credentials, recordingId: string): Promise<{ reviewer: ReviewerRow | null; recording: RecordingRow } | null> {
    const told = credentials.token === null ? null : this.#keys.opensAttached(credentials.token, recordingId, Date.now() / 1000);
    const recording = told && (await this.#catalog.recording(recordingId));
    const share = told?.holder ? await this.#catalog.feedback.share(told.holder) : null;
    if (recording && (told.holder === "" || (share && isOpen(share)))) {
      const reviewer = told.reviewerId === "" ? null : await this.#catalog.feedback.reviewer(told.reviewerId);
      return { reviewer: reviewer ?? null, recording };
    }
    if (credentials.key === null && credentials.token !== null) throw forbidden();
    return null;
  }

  async mediaOfTrack(
    credentials: Credentials,
    trackId: string,
    need: "look" | "download" = "download",
  ): Promise<{ track: TrackRow; recording: RecordingRow }> {
    if (credentials.key === null && credentials.token === null) throw keyMissing();
    const track = await this.#catalog.track(trackId);
    // What was whispered has a door of its own, whoever asks.
    if (!track || isWhisper(track.source))
      throw this.isAdmin(credentials) ? new UserError("not-found", "There is no such track.") : forbidden();
    return { track, recording: await this.media(credentials, track.recordingId, need) };
  }

  /** Who of the recording's reviewers shows this; null: nobody in particular. Somebody else's identity is refused. */
  async reviewer({ reviewer }: Credentials, recordingId: string): Promise<ReviewerRow | null> {
    if (!reviewer) return null;
    const [id = "", secret = ""] = reviewer.split(".");
    const row = await this.#catalog.feedback.reviewer(id);
    if (!row || row.recordingId !== recordingId || !this.#keys.opensReviewer(secret, id))
      throw new UserError("not-allowed", "This browser is not known as a reviewer of this recording. Reload the page.");
    return row;
  }

  /** Who in this room shows that they are it, as after a reload; null: nobody. */
  async participant({ participant }: Credentials, roomId: string): Promise<string | null> {
    const [id = "", secret = ""] = participant?.split(".") ?? [];
    if (!participant || !same(secret, this.#keys.participant(id))) return null;
    return (await this.#catalog.participant(id))?.roomId === roomId ? id : null;
  }

  /** The link whose key this is, open or not; throws where it is none. */
  async shareOf({ key }: Credentials): Promise<{ share: ShareRow; unlocked: boolean }> {
    if (key === null) throw keyMissing();
    const [id = "", secret = "", pass = ""] = key.split(".");
    const share = id.startsWith("shr_") && this.#keys.opensShare(secret, id) ? await this.#catalog.feedback.share(id) : undefined;
    if (!share) throw forbidden();
    return { share, unlocked: share.passphrase === null || this.#keys.opensUnlocked(pass, share.id, share.passphrase) };
  }

  async #shared(key: string, recording: RecordingRow): Promise<GrantedRecording | null> {
    if (!key.startsWith("shr_")) return null;
    const { share, unlocked } = await this.shareOf({ key, token: null });
    if (share.recordingId !== recording.id) throw forbidden();
    if (!isOpen(share)) throw new UserError("gone", "This link is no longer valid. Ask the person who sent it for a new one.");
    if (!unlocked) throw new UserError("passphrase-needed", "This link asks for a passphrase.");
    const room = await this.#catalog.room(recording.roomId);
    if (!room) throw new UserError("not-found", "There is no such room.");
    return { standing: "shared", may: rightsOf(share), share, room, recording };
  }

  async #byRoom(credentials: Credentials, recording: RecordingRow): Promise<GrantedRecording> {
    const granted = await this.room(credentials, recording.roomId, "observer");
    const may: Right[] = ["look", "comment", "download", ...(rank[granted.standing] >= rank.host ? (["host"] as const) : [])];
    return { ...granted, may, share: null, recording };
  }
}

const rank: Record<Standing, number> = { observer: 0, guest: 1, host: 2, admin: 3 };

/** Is the one as high as the other, or higher? A link to one recording stands below everybody in the room. */
export function reaches(standing: Standing | "shared", least: string): boolean {
  const place = (one: string) => (one in rank ? rank[one as Standing] : -1);
  return place(standing) >= place(least);
}

const refusals: Record<Right, string> = {
  look: "This key does not open that.",
  comment: "This link may look, but not comment. Ask the person who sent it.",
  download: "This link may look, but not download. Ask the person who sent it.",
  host: "This link may look, but not do that. Ask the host.",
};

export function rightsOf(share: Pick<ShareRow, "mayComment" | "mayDownload">): Right[] {
  return ["look", ...(share.mayComment ? (["comment"] as const) : []), ...(share.mayDownload ? (["download"] as const) : [])];
}

export function isOpen(share: Pick<ShareRow, "revokedAt" | "expiresAt">, nowMs = Date.now()): boolean {
  return share.revokedAt === null && (share.expiresAt === null || share.expiresAt > nowMs);
}

export function keyMissing(): UserError {
  return new UserError("key-missing", "A key is needed: send it as “Authorization: Bearer …”.");
}

function forbidden(): UserError {
  return new UserError("not-allowed", "This key does not open that.");
}
