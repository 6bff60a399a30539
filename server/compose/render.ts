// Composes one window from its job: decode, place, draw, mix, encode. Keeps decoders warm from one window to the next, nothing else.
// Promise: the bytes depend on the job and the segments only; a track that cannot be decoded shows its card, the others go on.
import { join } from "node:path";
import { Footage } from "./decode.ts";
import { encodeSound, soundRange } from "./encode.ts";
import type { Gain } from "./evening.ts";
import type { Canvas } from "./layout.ts";
import type { Voice } from "./loud.ts";
import { energiesOf } from "./loudness.ts";
import { mix, type Stereo } from "./mix.ts";
import { type FilmFormat, mediaSegment } from "./mp4.ts";
import { Names } from "./names.ts";
import { type Cast, Pictures } from "./pictures.ts";
import { mapAt, sampleRate, samplesPerTick, tickOf } from "./place.ts";
import { ringsOf } from "./ring.ts";
import { Scaler } from "./scaler.ts";
import { SegmentFile } from "./source.ts";
import { Stage } from "./stage.ts";
import type { Tile, WindowJob } from "./window.ts";

export interface Rendered {
  /** The media segment. */
  bytes: Buffer;
  format: FilmFormat;
  /** Segments of which picture or sound is missing here, and why. */
  missing: { segment: string; why: string }[];
  /** How loud whom of the heard was. */
  voices: (Voice & { segment: string })[];
  /** The same by track, as people hear it: see `loudness.ts`. */
  loud: { trackId: string; energies: number[] }[];
  /** The middle of it, small, as JPEG. */
  thumbnail: Buffer;
  /** Pictures decoded, for measurements. */
  decoded: number;
}

/** What a window's bytes depend on beside its job. */
export interface Manner {
  /** Whoever is not named is heard as recorded. */
  gains?: readonly Gain[];
  /** 0: the best; more: less work for the encoder. See `encode.ts`. */
  effort?: number;
}

/** A gain moves between these, counted from the window's beginning. */
const rampFrom = sampleRate * 0.1;
const rampTo = sampleRate * 1.6;

export interface Actor {
  file: SegmentFile;
  footage: Footage | null;
  scaler: Scaler | null;
}

export class Renderer {
  readonly #folder: string;
  readonly #canvas: Canvas;
  readonly #actors = new Map<string, Actor>();
  readonly #names: Names;
  #stage: Stage | null = null;
  #missing = new Map<string, string>();
  /** The pictures of a window that was begun before all of it was here. */
  #begun: Pictures | null = null;
  /** Segments whose decoders stand where this window needs them. */
  readonly #prepared = new Set<string>();
  /** Told whose bytes are looked at, each time that it is another one; null: nobody asks. */
  onLook: ((segment: string) => void) | null = null;
  #looking = "";

  constructor(folder: string, canvas: Canvas) {
    this.#folder = folder;
    this.#names = new Names(folder);
    this.#canvas = canvas;
  }

  render(job: WindowJob, manner: Manner = {}): Rendered {
    this.#missing = new Map();
    this.#looking = "";
    const pictures = this.#begin(job, manner.effort ?? 0);
    try {
      return this.#render(job, pictures, manner.gains ?? []);
    } finally {
      pictures.close();
    }
  }

  #render(job: WindowJob, pictures: Pictures, gains: readonly Gain[]): Rendered {
    const firstSample = job.firstTick * samplesPerTick;
    const samples = job.ticks * samplesPerTick;
    const { sound, voices, loud } = this.#sounds(job, firstSample, samples, gains);
    const video = this.#pictures(job, pictures, voices);
    const audio = encodeSound(sound, firstSample, samples);
    if (video.samples.length !== job.ticks || audio.samples.length !== Math.ceil(samples / 1024))
      throw new Error(`window=${job.index} ticks=${job.ticks} pictures=${video.samples.length} frames=${audio.samples.length}`);
    let decoded = 0;
    for (const { footage } of this.#actors.values()) decoded += footage?.decoded ?? 0;
    return {
      bytes: mediaSegment(job.index + 1, job.firstTick, video.samples, audio.samples),
      format: { canvas: this.#canvas, avcC: video.extra, audioConfig: audio.extra },
      missing: [...this.#missing].map(([segment, why]) => ({ segment, why })),
      voices,
      loud,
      thumbnail: video.thumbnail,
      decoded,
    };
  }

  #sounds(
    job: WindowJob,
    firstSample: number,
    samples: number,
    gains: readonly Gain[],
  ): Pick<Rendered, "voices" | "loud"> & { sound: Stereo } {
    const { from, to } = soundRange(firstSample, samples);
    const files = job.sounds.flatMap((segment) => this.#actors.get(segment)?.file ?? []);
    const trackOf = (file: SegmentFile) => job.sources.find(({ segment }) => this.#actors.get(segment)?.file === file)?.trackId ?? "";
    const voices: Rendered["voices"] = [];
    const loud = new Map<string, number[]>();
    const sound = mix(files, from, to, {
      trackOf,
      silent: (file, why) => this.#note(job, file, why),
      loud: (file, pieces) =>
        voices.push(...this.#segmentsOf(job, file).flatMap((segment) => pieces.map((piece) => ({ segment, ...piece })))),
      alone: (file, own) => {
        const heard: Stereo = file.audio?.channels === 1 ? [own[0], own[0]] : own;
        const energies = energiesOf(heard, firstSample - from, firstSample - from + samples);
        const before = loud.get(trackOf(file));
        // Where one segment of a person ends and the next begins.
        loud.set(trackOf(file), before ? before.map((energy, block) => energy + energies[block]!) : energies);
      },
      gain: (file) => {
        const gain = gains.find(({ trackId }) => trackId === trackOf(file));
        // At rest at both ends: the encoder looks a little past a window's edges, and must find there what the neighbours have.
        return gain ? { ...gain, fromSample: firstSample + rampFrom, toSample: firstSample + rampTo } : null;
      },
    });
    return { sound, voices, loud: [...loud].map(([trackId, energies]) => ({ trackId, energies })) };
  }

  /** Who takes part in this window: the others are let go, the bytes that are new are read. */
  #cast(job: WindowJob): void {
    const wanted = new Set(job.sources.map((source) => source.segment));
    for (const [segment, actor] of this.#actors)
      if (!wanted.has(segment)) {
        dismiss(actor);
        this.#actors.delete(segment);
      }
    for (const source of job.sources) {
      let actor = this.#actors.get(source.segment);
      if (!actor) {
        const file = new SegmentFile(join(this.#folder, source.file), () => this.#look(source.segment));
        actor = { file, footage: null, scaler: null };
        this.#actors.set(source.segment, actor);
      }
      this.#look(source.segment);
      actor.file.update(source.bytes, source.map, source.audioShiftMs, source.soundMap);
      if (actor.file.refused) this.#missing.set(source.segment, actor.file.refused);
    }
  }

  /** Draws of a window what is here, ticks before `toTick`, for `render` to go on from: of what was begun under another plan nothing is left.
   * Answers the first tick that is not drawn. */
  begin(job: WindowJob, toTick: number, effort = 0): number {
    this.#looking = "";
    const pictures = this.#begin(job, effort);
    try {
      pictures.draw(job, toTick, this.#castOf(job, []), true);
      this.#begun = pictures;
      return pictures.next;
    } catch (error) {
      pictures.close();
      throw error;
    }
  }

  /** What was begun of this window, or a beginning. */
  #begin(job: WindowJob, effort: number): Pictures {
    const begun = this.#begun?.follows(job, effort) ? this.#begun : null;
    if (!begun) this.#begun?.close();
    this.#begun = null;
    try {
      this.#cast(job);
      const prepared = begun ? [...this.#prepared] : [];
      this.#prepared.clear();
      // More bytes may be here now than a decoder saw that had come to the end of them.
      for (const segment of prepared) this.#prepare(segment, begun!.next);
      this.#stage ??= new Stage(this.#canvas);
      return begun ?? new Pictures(this.#stage, this.#canvas, job, effort);
    } catch (error) {
      begun?.close();
      throw error;
    }
  }

  #castOf(job: WindowJob, voices: Rendered["voices"]): Cast {
    const inks = new Map(job.named.map((named) => [named.trackId, this.#names.of(named)]));
    return {
      actorOf: (tile, tick) => this.#actorOf(tile, tick),
      inkOf: (trackId) => inks.get(trackId) ?? null,
      ringsOf: (segment) => this.#ringsOf(job, segment, voices),
    };
  }

  #pictures(job: WindowJob, pictures: Pictures, voices: Rendered["voices"]): ReturnType<Pictures["finish"]> {
    pictures.draw(job, job.firstTick + job.ticks, this.#castOf(job, voices), false);
    for (const segment of this.#prepared) {
      const footage = this.#actors.get(segment)?.footage;
      if (footage && footage.serial === 0 && footage.errors > 0) this.#missing.set(segment, "the picture cannot be decoded");
    }
    return pictures.finish();
  }

  /** How a voice moves its ring, tick by tick. */
  #ringsOf({ sources, firstTick, ticks }: WindowJob, segment: string, voices: Rendered["voices"]): Uint8Array {
    const source = sources.find((one) => one.segment === segment);
    const map = source?.soundMap ?? source?.map ?? [];
    const shiftMs = source?.audioShiftMs ?? 0;
    const pieces = voices.filter((voice) => voice.segment === segment);
    return ringsOf(pieces, (mediaMs) => tickOf(mapAt(map, mediaMs) + shiftMs), firstTick, ticks);
  }

  /** Null: a card. */
  #actorOf(tile: Tile, tick: number): Actor | null {
    const actor = tile.segment === null ? undefined : this.#actors.get(tile.segment);
    const stream = actor?.file.video;
    if (!actor || !stream || !tile.segment) return null;
    try {
      actor.footage ??= new Footage(actor.file, stream);
    } catch (error) {
      this.#missing.set(tile.segment, error instanceof Error ? error.message : String(error));
      return null;
    }
    actor.scaler ??= new Scaler();
    this.#prepare(tile.segment, tick);
    return actor;
  }

  #prepare(segment: string, tick: number): void {
    const footage = this.#actors.get(segment)?.footage;
    if (!footage || this.#prepared.has(segment)) return;
    footage.prepare(tick);
    this.#prepared.add(segment);
  }

  #look(segment: string): void {
    if (!this.onLook || this.#looking === segment) return;
    this.#looking = segment;
    this.onLook(segment);
  }

  #note(job: WindowJob, voice: SegmentFile, why: string): void {
    for (const segment of this.#segmentsOf(job, voice)) this.#missing.set(segment, why);
  }

  #segmentsOf(job: WindowJob, file: SegmentFile): string[] {
    return job.sources.flatMap(({ segment }) => (this.#actors.get(segment)?.file === file ? [segment] : []));
  }

  close(): void {
    this.#begun?.close();
    this.#begun = null;
    for (const actor of this.#actors.values()) dismiss(actor);
    this.#actors.clear();
    this.#stage?.close();
    this.#stage = null;
  }
}

function dismiss(actor: Actor): void {
  actor.footage?.close();
  actor.scaler?.close();
  actor.file.close();
}
