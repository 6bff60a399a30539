// Other films of a recording than its own: asked for, looked at and served. Reads what composing wrote; writes nothing.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Film, FilmChoice } from "../../protocol/api.ts";
import { UserError } from "../../protocol/errors.ts";
import type { Timeline } from "../../protocol/timeline.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Disk } from "../store/disk.ts";
import type { Keys } from "../store/keys.ts";
import { expiry, spanInName } from "./library.ts";
import { type Media, mediaOf, mediaOfParts, type Part } from "./media.ts";

export interface FilmsOptions {
  access: Access;
  disk: Disk;
  keys: Keys;
  timeline: (recordingId: string) => Promise<Timeline | null>;
  /** Begins it, or says how it stands. `large`: a track. */
  ask: (of: { recordingId: string; folder: string; timeline: Timeline }, choice: Chosen) => Pick<Film, "state" | "watermarkMs" | "readyAt">;
  files: (folder: string, choice: Chosen) => string[] | null;
  /** A part of it as a film of its own, laid end to end; null while it is not complete. */
  cut: (folder: string, choice: Chosen, fromMs: number, toMs: number) => Promise<Part[] | null>;
  /** The folder of its windows, below the recording's. */
  windows: (folder: string, choice: Chosen) => string;
}

export interface Chosen {
  layout: FilmChoice["layout"];
  names?: boolean | undefined;
  large?: string | undefined;
}

export class Films {
  readonly #options: FilmsOptions;

  constructor(options: FilmsOptions) {
    this.#options = options;
  }

  /** Once the recording's own film is complete it is composed from the first such call on; each call says how it stands. */
  async ask(credentials: Credentials, base: string, recordingId: string, choice: FilmChoice): Promise<Film> {
    const { access, disk, keys, ask, files } = this.#options;
    const { recording } = await access.recording(credentials, recordingId, "look");
    const timeline = await this.#timeline(recording.id);
    const wanted = chosen(timeline, choice);
    const folder = disk.recording(recording.id);
    // A film of one's own costs a whole composition, and stays: not by a link that may only look, unless it is there already.
    if (isOwn(choice) && files(folder, wanted) === null) await access.recording(credentials, recordingId, "download");
    const state = ask({ recordingId: recording.id, folder, timeline }, wanted);
    const query = new URLSearchParams({
      token: keys.media(recording.id, expiry(), await access.holder(credentials, recording.id)),
      ...plain(choice),
    });
    const url = (file: string) => `${base}/api/v1/recordings/${recording.id}/${file}?${query}`;
    return { ...state, playlistUrl: url("playlist.m3u8"), videoUrl: state.state === "ready" ? url("video.mp4") : null };
  }

  async playlist(credentials: Credentials, recordingId: string, choice: FilmChoice): Promise<string> {
    const { access, keys } = this.#options;
    const recording = await access.media(credentials, recordingId, "look");
    const path = join(await this.#windows(recording.id, choice), "playlist.m3u8");
    const text = await readFile(path, "utf8").catch(notAsked);
    const query = new URLSearchParams({
      token: keys.media(recording.id, expiry(), await access.holder(credentials, recording.id)),
      ...plain(choice),
    });
    return text
      .replace(/^(?!#)(\S+)$/gm, (_, file: string) => `windows/${file}?${query}`)
      .replace(/URI="([^"]+)"/g, (_, file: string) => `URI="windows/${file}?${query}"`);
  }

  async window(credentials: Credentials, recordingId: string, choice: FilmChoice, file: string): Promise<Media> {
    const recording = await this.#options.access.media(credentials, recordingId, "look");
    if (!/^(init\.mp4|\d+(\.\d+)?\.m4s)$/.test(file)) throw new UserError("not-found", "There is no such window.");
    const path = join(await this.#windows(recording.id, choice), file);
    return mediaOf([path], file).catch(notAsked);
  }

  async video(credentials: Credentials, recordingId: string, choice: FilmChoice): Promise<Media> {
    const { access, disk, files } = this.#options;
    const recording = await access.media(credentials, recordingId, "look");
    const paths = files(disk.recording(recording.id), chosen(await this.#timeline(recording.id), choice));
    return mediaOf(paths ?? notAsked(null), `${choice.layout} ${recording.id}.mp4`).catch(notAsked);
  }

  /** The film from one moment to another, as a file of its own. */
  async part(credentials: Credentials, recordingId: string, choice: FilmChoice, fromMs: number, toMs: number): Promise<Media> {
    const { access, disk, cut } = this.#options;
    const recording = await access.media(credentials, recordingId, "look");
    const parts = await cut(disk.recording(recording.id), chosen(await this.#timeline(recording.id), choice), fromMs, toMs);
    return mediaOfParts(parts ?? notAsked(null), `${choice.layout} ${recording.id} ${spanInName(fromMs, toMs)}.mp4`);
  }

  async #windows(recordingId: string, choice: FilmChoice): Promise<string> {
    const folder = this.#options.disk.recording(recordingId);
    return join(folder, this.#options.windows(folder, chosen(await this.#timeline(recordingId), choice)));
  }

  async #timeline(recordingId: string): Promise<Timeline> {
    const timeline = await this.#options.timeline(recordingId);
    if (!timeline) throw new UserError("not-ready", "Nothing has arrived of this recording yet.");
    return timeline;
  }
}

/** A participant is large as their camera's track. */
function chosen(timeline: Timeline, { layout, names, large }: FilmChoice): Chosen {
  const track = timeline.tracks.find(({ participant, source }) => participant.id === large && source === "camera");
  if (large !== undefined && !track) throw new UserError("not-found", "Nobody of that id is on this recording.");
  return { layout, names: names === undefined ? undefined : names === "true", large: track?.id };
}

/** Not the one that every page offers in this layout. */
function isOwn({ names, large }: FilmChoice): boolean {
  return names !== undefined || large !== undefined;
}

function plain({ layout, names, large }: FilmChoice): Record<string, string> {
  return { layout, ...(names === undefined ? {} : { names }), ...(large === undefined ? {} : { large }) };
}

function notAsked(cause: unknown): never {
  throw new UserError("not-ready", "This film is not there yet: ask for it with POST …/films once the recording's own film is complete.", {
    cause,
  });
}
