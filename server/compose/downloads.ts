// What people take home beside the film: tracks, their sound, the film's sound, its poster. Made when first asked for, kept below the windows.
// Promise: a file that is there is whole and of what the recording is now; of each kind the newest is kept.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../protocol/errors.ts";
import { thumbnailsPerSheet } from "../../protocol/film.ts";
import type { Timeline, TimelineTrack } from "../../protocol/timeline.ts";
import type { Disk } from "../store/disk.ts";
import type { Composer } from "./composer.ts";
import { thumbnailFile, windowsFolder } from "./ledger.ts";
import type { Making } from "./make.ts";
import { samplesPerTick } from "./place.ts";
import { sheetOf } from "./sheet.ts";
import { ticksOf } from "./window.ts";
import { Failure } from "./worker.ts";

/** Below the recording's folder. */
const madeFolder = "windows/made";
/** A file of an hour takes some ten seconds; twenty times that is a hang. */
const patienceFirstMs = 120_000;
const patienceShare = 0.1;
/** The poster is of this window: ten seconds in, when everybody is there. */
const posterWindow = 3;

type Left = "id" | "folder" | "out" | "patienceMs";
type Wish = Making extends infer One ? (One extends Making ? Omit<One, Left> : never) : never;

export interface DownloadsOptions {
  composer: Composer;
  disk: Disk;
  timeline: (recordingId: string) => Promise<Timeline | null>;
}

export class Downloads {
  readonly #options: DownloadsOptions;
  readonly #making = new Map<string, Promise<string>>();

  constructor(options: DownloadsOptions) {
    this.#options = options;
  }

  /** The track as one seekable file that begins with the film ("film"), or with its own first media ("track"). A path, as everywhere here.
   * Throws UserError: "not-ready" while it still grows or nothing of it is here, "bad-request" where its segments do not fit into one file. */
  async track(recordingId: string, trackId: string, zero: "film" | "track"): Promise<string> {
    const { timeline, track } = await this.#finished(recordingId, trackId);
    return this.#have(timeline, `${track.id}-${zero}`, null, { type: "track", zero, parts: partsOf(track) });
  }

  /** Its pictures alone, from the film's beginning on: to be watched beside the film, whose sound goes with them. */
  async picture(recordingId: string, trackId: string): Promise<string> {
    const { timeline, track } = await this.#finished(recordingId, trackId);
    return this.#have(timeline, `${track.id}-picture`, null, { type: "track", zero: "film", silent: true, parts: partsOf(track) });
  }

  /** Its sound alone, as long as the film. */
  async voice(recordingId: string, trackId: string, format: "wav" | "flac"): Promise<string> {
    const { timeline, track } = await this.#finished(recordingId, trackId);
    const samples = (ticksOf(timeline) ?? 1) * samplesPerTick;
    return this.#have(timeline, track.id, format, { type: "voice", format, samples, parts: partsOf(track) });
  }

  /** What was whispered, by a timeline of its own: as long as the film, with silence where nobody whispered. */
  async whisper(timeline: Timeline, trackId: string): Promise<string> {
    const track = timeline.tracks.find(({ id }) => id === trackId);
    if (!track || track.segments.length === 0 || timeline.durationMs === null) throw notYet();
    const samples = (ticksOf(timeline) ?? 1) * samplesPerTick;
    return this.#have(timeline, track.id, "flac", { type: "voice", format: "flac", samples, parts: partsOf(track) });
  }

  /** Its sound as programs that turn speech into text want it, where the film has it. */
  async speech(recordingId: string, trackId: string): Promise<{ path: string; folder: string; durationMs: number }> {
    const { timeline, track } = await this.#finished(recordingId, trackId);
    const samples = (ticksOf(timeline) ?? 1) * samplesPerTick;
    const path = await this.#have(timeline, `${track.id}-speech`, "wav", {
      type: "voice",
      format: "speech",
      samples,
      parts: partsOf(track),
    });
    return { path, folder: this.#options.disk.recording(recordingId), durationMs: timeline.durationMs ?? 0 };
  }

  /** The film's sound; UserError("not-ready") until it is complete. */
  async sound(recordingId: string): Promise<string> {
    const { composer, disk } = this.#options;
    const timeline = await this.#timeline(recordingId);
    const folder = disk.recording(recordingId);
    if (composer.stateOf(recordingId, folder).state !== "ready") throw notYet();
    const files = composer.windows(recordingId, folder);
    return this.#have(timeline, "sound", "m4a", { type: "sound", windows: windowsFolder, files });
  }

  /** A picture of the film, or of what there is of it. */
  async poster(recordingId: string): Promise<string> {
    const timeline = await this.#timeline(recordingId);
    const files = this.#options.composer.windows(recordingId, this.#options.disk.recording(recordingId));
    const file = files[Math.min(posterWindow, files.length - 1)];
    if (!file) throw notYet();
    return this.#have(timeline, "poster", "jpg", { type: "poster", windows: windowsFolder, file });
  }

  /** Thumbnails, one below the other. */
  async sheet(recordingId: string, number: number): Promise<Buffer> {
    const folder = this.#options.disk.recording(recordingId);
    const files = this.#options.composer.windows(recordingId, folder);
    const shown = files.slice(number * thumbnailsPerSheet, (number + 1) * thumbnailsPerSheet);
    const sheet = sheetOf(await Promise.all(shown.map((file) => bytesOf(join(folder, windowsFolder, thumbnailFile(file))))));
    if (!sheet) throw notYet();
    return sheet;
  }

  async #timeline(recordingId: string): Promise<Timeline> {
    const timeline = await this.#options.timeline(recordingId);
    if (!timeline) throw new UserError("not-ready", "Nothing has arrived of this recording yet.");
    return timeline;
  }

  async #finished(recordingId: string, trackId: string): Promise<{ timeline: Timeline; track: TimelineTrack }> {
    const timeline = await this.#options.timeline(recordingId);
    const track = timeline?.tracks.find(({ id }) => id === trackId);
    if (!timeline || !track || track.segments.length === 0) throw new UserError("not-ready", "Nothing of this track is here yet.");
    if (timeline.durationMs === null) throw new UserError("not-ready", "This track is still being recorded.");
    return { timeline, track };
  }

  /** `extension` null: whoever makes it says which. The name holds what it was made from. */
  async #have(timeline: Timeline, name: string, extension: string | null, wish: Wish): Promise<string> {
    const key = createHash("sha256").update(JSON.stringify(wish)).digest("hex").slice(0, 16);
    const folder = this.#options.disk.recording(timeline.recordingId);
    const stem = `${name}-${key}`;
    const found = (await names(join(folder, madeFolder))).find((file) => file.startsWith(`${stem}.`) && !file.endsWith(".part"));
    if (found && (extension === null || found === `${stem}.${extension}`)) return join(folder, madeFolder, found);
    const out = `${madeFolder}/${extension === null ? stem : `${stem}.${extension}`}`;
    const place = join(folder, out);
    const making = this.#making.get(place) ?? this.#make(timeline, folder, out, wish).finally(() => this.#making.delete(place));
    this.#making.set(place, making);
    return making;
  }

  async #make(timeline: Timeline, folder: string, out: string, wish: Wish): Promise<string> {
    await mkdir(join(folder, madeFolder), { recursive: true });
    const patienceMs = Math.round(patienceFirstMs + (timeline.durationMs ?? 0) * patienceShare);
    try {
      const { made = out } = await this.#options.composer.make(timeline.recordingId, { ...wish, folder, out, patienceMs });
      await this.#tidy(folder, made);
      return join(folder, made);
    } catch (error) {
      // Meant for people by who said it; anything else is our bug.
      if (error instanceof Failure && (error.code === "not-ready" || error.code === "bad-request"))
        throw new UserError(error.code, error.message, { cause: error });
      throw error;
    }
  }

  /** Those of the same kind that were made from what is no more. */
  async #tidy(folder: string, made: string): Promise<void> {
    const name = made.slice(madeFolder.length + 1);
    const [stem, extension] = kindOf(name);
    for (const file of await names(join(folder, madeFolder))) {
      const [otherStem, otherExtension] = kindOf(file);
      const path = join(folder, madeFolder, file);
      // What a process that was killed left half made.
      const torn = file.endsWith(".part") && ![...this.#making.keys()].some((making) => path.startsWith(making));
      if (torn || (file !== name && otherStem === stem && otherExtension === extension)) await rm(path, { force: true });
    }
  }
}

/** Without the key of what it was made from. */
function kindOf(file: string): [stem: string, extension: string] {
  const [, stem = file, extension = ""] = /^(.*)-[0-9a-f]{16}\.(\w+)$/.exec(file) ?? [];
  return [stem, extension];
}

function partsOf({ segments }: TimelineTrack) {
  return segments.map(({ file, bytes, map, soundMap, audioShiftMs }) => ({ file, bytes, map, soundMap, audioShiftMs }));
}

async function names(folder: string): Promise<string[]> {
  return orNothing(readdir(folder), []);
}

async function bytesOf(path: string): Promise<Buffer | null> {
  return orNothing<Buffer | null>(readFile(path), null);
}

async function orNothing<T>(reading: Promise<T>, nothing: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return nothing;
    throw error;
  }
}

function notYet(): UserError {
  return new UserError("not-ready", "This is not there yet.");
}
