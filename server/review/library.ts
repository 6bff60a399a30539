// The recordings on the shelf: listed, described, served, deleted. Reads what other rooms wrote; writes nothing.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Recording } from "../../protocol/api.ts";
import { UserError } from "../../protocol/errors.ts";
import type { Timeline } from "../../protocol/timeline.ts";
import { type Access, type Credentials, hostHolder } from "../store/access.ts";
import type { Catalog, RecordingRow } from "../store/catalog.ts";
import type { Disk } from "../store/disk.ts";
import type { Keys } from "../store/keys.ts";
import { describe, type Film } from "./describe.ts";
import { type Media, mediaOf, mediaOfParts, type Part, tagOf } from "./media.ts";

export interface LibraryOptions {
  catalog: Catalog;
  disk: Disk;
  keys: Keys;
  access: Access;
  film: (recordingId: string) => Film;
  timeline: (recordingId: string) => Promise<Timeline | null>;
  /** Segments that stopped arriving before they were complete. */
  quiet: (recordingId: string) => ReadonlySet<string>;
  /** Segments that the disk would not give back, or only in part. */
  unreadable: (recordingId: string) => ReadonlySet<string>;
  elapsedMs: (recording: RecordingRow) => number;
  /** The finished film's pieces in order: its header, then its windows, of which the size is known. Paths; null while it is not complete. */
  filmFiles: (recordingId: string) => { head: string; windows: { path: string; bytes: number }[] } | null;
  /** A part of it as a film of its own, laid end to end; null while it is not complete. */
  cut: (recordingId: string, fromMs: number, toMs: number) => Promise<Part[] | null>;
  remove: (recordingId: string) => Promise<void>;
}

const pageSize = 50;
/** How long a signed media URL works, seconds: a working day of watching without reloading the page. */
const signedSeconds = 12 * 3600;

export class Library {
  readonly #options: LibraryOptions;

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  async list(
    credentials: Credentials,
    base: string,
    query: { room?: string; state?: string; cursor?: string },
  ): Promise<{ items: Recording[]; cursor: string | null }> {
    const { access, catalog } = this.#options;
    if (query.room) await access.room(credentials, query.room, "observer");
    else access.requireAdmin(credentials);
    const items: Recording[] = [];
    let before = query.cursor;
    // A state is derived, so pages are filled by looking further until they are full or the shelf ends.
    for (;;) {
      const rows = await catalog.recordings({ roomId: query.room, before, limit: pageSize });
      for (const row of rows) {
        const recording = await this.describe(row, base);
        before = row.id;
        if (!query.state || recording.state === query.state) items.push(recording);
        if (items.length === pageSize) return { items, cursor: before };
      }
      if (rows.length < pageSize) return { items, cursor: null };
    }
  }

  async look(credentials: Credentials, base: string, recordingId: string): Promise<Recording> {
    const { recording, share, may } = await this.#options.access.recording(credentials, recordingId, "look");
    return this.describe(recording, base, share?.id, may.includes("host"));
  }

  /** `base`: the address people reach us at; URLs are whole, so that they work as they are, for as long as the link (`holder`) that asked does.
   * `host`: for the host, whose bundle has more in it. */
  async describe(recording: RecordingRow, base: string, holder = "", host = false): Promise<Recording> {
    const { catalog, keys, film, timeline, quiet, unreadable, elapsedMs } = this.#options;
    const room = await catalog.room(recording.roomId);
    if (!room) throw new UserError("not-found", "There is no such room.");
    const [tracks, segments, people, pauses, scene] = await Promise.all([
      catalog.tracks(recording.id),
      catalog.segments(recording.id),
      catalog.participantsOf(recording.id),
      catalog.pauses(recording.id),
      catalog.plays.scene(recording.id),
    ]);
    const token = keys.media(recording.id, expiry(), holder);
    return describe(
      {
        recording,
        room,
        tracks,
        segments,
        people,
        pauses,
        scene,
        timeline: await timeline(recording.id),
        quiet: quiet(recording.id),
        unreadable: unreadable(recording.id),
        film: film(recording.id),
        elapsedMs: elapsedMs(recording),
      },
      (path) => `${base}${path}?token=${token}`,
      (path) => `${base}${path}?token=${host ? keys.media(recording.id, expiry(), hostHolder) : token}`,
    );
  }

  async remove(credentials: Credentials, recordingId: string): Promise<void> {
    const { recording } = await this.#options.access.recording(credentials, recordingId, "host");
    await this.#options.remove(recording.id);
  }

  async timeline(credentials: Credentials, recordingId: string): Promise<Timeline> {
    await this.#options.access.recording(credentials, recordingId, "look");
    const timeline = await this.#options.timeline(recordingId);
    if (!timeline) throw new UserError("not-ready", "Nothing has arrived of this recording yet.");
    return timeline;
  }

  /** The playlist as composed, each of its URIs signed so that a player can fetch it without a key. `from`: without the windows before that one, for
   * who looks often. */
  async playlist(credentials: Credentials, recordingId: string, from = 0): Promise<string> {
    const { access } = this.#options;
    const recording = await access.media(credentials, recordingId, "look");
    const whole = await readFile(join(this.#windows(recordingId), "playlist.m3u8"), "utf8").catch(nothingYet);
    const text = playlistFrom(whole, from);
    const token = this.#options.keys.media(recording.id, expiry(), await access.holder(credentials, recordingId));
    const sign = (file: string) => `windows/${file}?token=${token}`;
    return text
      .replace(/^(?!#)(\S+)$/gm, (_, file: string) => sign(file))
      .replace(/URI="([^"]+)"/g, (_, file: string) => `URI="${sign(file)}"`);
  }

  async window(credentials: Credentials, recordingId: string, file: string): Promise<Media> {
    await this.#options.access.media(credentials, recordingId, "look");
    if (!/^(init\.mp4|\d+(\.\d+)?\.m4s)$/.test(file)) throw new UserError("not-found", "There is no such window.");
    return this.#media(join(this.#windows(recordingId), file), file);
  }

  async video(credentials: Credentials, recordingId: string): Promise<Media> {
    const recording = await this.#options.access.media(credentials, recordingId, "look");
    const film = this.#options.filmFiles(recordingId) ?? notComplete();
    const room = await this.#options.catalog.room(recording.roomId);
    const { head, windows } = film;
    // Long films have thousands of windows: only the header, which follows from all of them, is looked at.
    const { size, mtimeMs } = await stat(head).catch(nothingYet);
    const parts = [{ path: head, bytes: size }, ...windows];
    const tag = tagOf(JSON.stringify([parts, mtimeMs]));
    return { parts, tag, type: "video/mp4", name: `${room?.name ?? "Recording"} ${day(recording)}.mp4` };
  }

  /** The film from one moment to another, as a file of its own. */
  async part(credentials: Credentials, recordingId: string, fromMs: number, toMs: number): Promise<Media> {
    const recording = await this.#options.access.media(credentials, recordingId, "look");
    const parts = (await this.#options.cut(recordingId, fromMs, toMs)) ?? notComplete();
    const room = await this.#options.catalog.room(recording.roomId);
    return mediaOfParts(parts, `${room?.name ?? "Recording"} ${day(recording)} ${spanInName(fromMs, toMs)}.mp4`);
  }

  async segment(credentials: Credentials, segmentId: string): Promise<Media> {
    const { access, catalog, disk } = this.#options;
    const row = await catalog.segment(segmentId);
    // An unknown segment is answered like somebody else's track.
    const { track } = await access.mediaOfTrack(credentials, row?.trackId ?? "");
    if (!row) throw new UserError("not-found", "There is no such segment.");
    const { mimeType } = JSON.parse(row.facts) as { mimeType: string };
    const name = disk.segmentName(track.id, row.id, mimeType);
    const path = join(disk.recording(track.recordingId), name);
    return this.#media(path, name.split("/").at(-1) ?? name, mimeType.split(";")[0] || "video/webm");
  }

  async #media(path: string, name: string, type?: string): Promise<Media> {
    return mediaOf([path], name, type).catch(nothingYet);
  }

  #windows(recordingId: string): string {
    return join(this.#options.disk.recording(recordingId), "windows", "side-by-side");
  }
}

/** RFC 8216, 6.2.1: what is left out at the beginning is counted by the media sequence. */
export function playlistFrom(text: string, from: number): string {
  const end = "#EXT-X-ENDLIST\n";
  const [head = "", ...windows] = text.replace(end, "").split(/^(?=#EXTINF:)/m);
  const counted = head.replace(/^(#EXT-X-MEDIA-SEQUENCE:)\d+$/m, `$1${from}`);
  return counted + windows.slice(from).join("") + (text.includes(end) ? end : "");
}

function notComplete(): never {
  throw new UserError("not-ready", "The film is not complete yet. It is ready moments after everybody's recording has arrived.");
}

/** From one moment to another in a file's name, to the second. */
export function spanInName(fromMs: number, toMs: number): string {
  const [from, to] = [fromMs, toMs].map((ms) => {
    const seconds = Math.floor(ms / 1000);
    return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
  });
  return `${from} to ${to}`;
}

function nothingYet(cause: unknown): never {
  throw new UserError("not-ready", "This is not there yet.", { cause });
}

/** Rounded up to the hour, so that the same page load after page load can be cached. */
export function expiry(): number {
  return Math.ceil(Date.now() / 3_600_000) * 3600 + signedSeconds;
}

/** In a file's name. */
export function day(recording: RecordingRow): string {
  return new Date(recording.startedAt).toISOString().slice(0, 10);
}
