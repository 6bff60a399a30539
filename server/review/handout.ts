// What can be taken home of a recording beside the film: tracks, sound, pictures, figures. Who may have it, and how it is called.
// Makes nothing itself: who composes makes it, and says where it lies.
import type { Peaks } from "../../protocol/api.ts";
import { UserError } from "../../protocol/errors.ts";
import { windowMs } from "../../protocol/film.ts";
import type { Timeline } from "../../protocol/timeline.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog, RecordingRow } from "../store/catalog.ts";
import type { Disk } from "../store/disk.ts";
import type { Keys } from "../store/keys.ts";
import { readLevels } from "../store/levels.ts";
import type { Film } from "./describe.ts";
import { day, expiry } from "./library.ts";
import { type Media, mediaOf, mediaOfBytes } from "./media.ts";
import { peaksOf } from "./peaks.ts";
import { thumbnailsVtt } from "./thumbnails.ts";

/** Each makes it when first asked for, and answers with a path. */
export interface Makers {
  track: (recordingId: string, trackId: string, zero: "film" | "track") => Promise<string>;
  picture: (recordingId: string, trackId: string) => Promise<string>;
  voice: (recordingId: string, trackId: string, format: "wav" | "flac") => Promise<string>;
  sound: (recordingId: string) => Promise<string>;
  poster: (recordingId: string) => Promise<string>;
  sheet: (recordingId: string, number: number) => Promise<Buffer>;
}

export interface HandoutOptions {
  catalog: Catalog;
  disk: Disk;
  keys: Keys;
  access: Access;
  makers: Makers;
  film: (recordingId: string) => Film;
  timeline: (recordingId: string) => Promise<Timeline | null>;
}

export class Handout {
  readonly #options: HandoutOptions;

  constructor(options: HandoutOptions) {
    this.#options = options;
  }

  async sound(credentials: Credentials, recordingId: string): Promise<Media> {
    const recording = await this.#options.access.media(credentials, recordingId, "download");
    return mediaOf([await this.#options.makers.sound(recordingId)], await this.#nameOf(recording, "m4a"));
  }

  async poster(credentials: Credentials, recordingId: string): Promise<Media> {
    const recording = await this.#options.access.media(credentials, recordingId, "look");
    return mediaOf([await this.#options.makers.poster(recordingId)], await this.#nameOf(recording, "jpg"));
  }

  /** `file`: the sheet's number with ".jpg". */
  async sheet(credentials: Credentials, recordingId: string, file: string): Promise<Media> {
    await this.#options.access.media(credentials, recordingId, "look");
    const number = /^(\d{1,6})\.jpg$/.exec(file)?.[1];
    if (number === undefined) throw new UserError("not-found", "There is no such sheet.");
    return mediaOfBytes(await this.#options.makers.sheet(recordingId, Number(number)), file);
  }

  async thumbnails(credentials: Credentials, recordingId: string): Promise<Media> {
    const recording = await this.#options.access.media(credentials, recordingId, "look");
    const token = this.#options.keys.media(recording.id, expiry(), await this.#options.access.holder(credentials, recordingId));
    const { windows } = this.#options.film(recordingId);
    const text = thumbnailsVtt(windows, windowMs, (sheet) => `thumbnails/${sheet}.jpg?token=${token}`);
    return mediaOfBytes(Buffer.from(text), "thumbnails.vtt");
  }

  /** `zero`: whether the file begins with the film, or with the track's own first media. */
  async track(credentials: Credentials, trackId: string, zero: "film" | "track"): Promise<Media> {
    const { track, recording } = await this.#options.access.mediaOfTrack(credentials, trackId);
    const path = await this.#options.makers.track(recording.id, track.id, zero);
    return mediaOf([path], await this.#nameOfTrack(track, recording, extensionOf(path)));
  }

  /** Of a person large or alone beside the film, for whoever may watch that: nobody's own microphone is in it. */
  async picture(credentials: Credentials, trackId: string): Promise<Media> {
    const { track, recording } = await this.#options.access.mediaOfTrack(credentials, trackId, "look");
    const path = await this.#options.makers.picture(recording.id, track.id);
    return mediaOf([path], await this.#nameOfTrack(track, recording, extensionOf(path)));
  }

  async voice(credentials: Credentials, trackId: string, format: "wav" | "flac"): Promise<Media> {
    const { track, recording } = await this.#options.access.mediaOfTrack(credentials, trackId);
    return mediaOf([await this.#options.makers.voice(recording.id, track.id, format)], await this.#nameOfTrack(track, recording, format));
  }

  async peaks(credentials: Credentials, trackId: string): Promise<Peaks> {
    const { track, recording } = await this.#options.access.mediaOfTrack(credentials, trackId, "look");
    const timeline = await this.#options.timeline(recording.id);
    const timed = timeline?.tracks.find(({ id }) => id === track.id);
    if (!timeline || !timed) throw new UserError("not-ready", "Nothing of this track is here yet.");
    const levels = await readLevels(this.#options.disk.recording(recording.id));
    return peaksOf(timed, levels, timeline.durationMs ?? this.#options.film(recording.id).watermarkMs);
  }

  async #nameOf(recording: RecordingRow, extension: string): Promise<string> {
    const room = await this.#options.catalog.room(recording.roomId);
    return `${room?.name ?? "Recording"} ${day(recording)}.${extension}`;
  }

  async #nameOfTrack(track: { participantId: string; source: string }, recording: RecordingRow, extension: string): Promise<string> {
    const person = await this.#options.catalog.participant(track.participantId);
    return `${person?.name ?? "Track"} ${track.source} ${day(recording)}.${extension}`;
  }
}

function extensionOf(path: string): string {
  return /\.(\w+)$/.exec(path)?.[1] ?? "";
}
