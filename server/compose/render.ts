// Composes one window from its job: decode, place, draw, mix, encode. Keeps decoders warm from one window to the next, nothing else.
// Promise: the bytes depend on the job and the segments only; a track that cannot be decoded shows its card, the others go on.
import { join } from "node:path";
import { Footage } from "./decode.ts";
import { encodeSound, soundRange, VideoEncoder } from "./encode.ts";
import { fitted, Scaler, Stage } from "./graph.ts";
import type { Canvas } from "./layout.ts";
import type { Voice } from "./loud.ts";
import { mix } from "./mix.ts";
import { type FilmFormat, mediaSegment } from "./mp4.ts";
import { samplesPerTick } from "./place.ts";
import { SegmentFile } from "./source.ts";
import type { Piece, Tile, WindowJob } from "./window.ts";

export interface Rendered {
  /** The media segment. */
  bytes: Buffer;
  format: FilmFormat;
  /** Segments of which picture or sound is missing here, and why. */
  missing: { segment: string; why: string }[];
  /** How loud whom of the heard was. */
  voices: (Voice & { segment: string })[];
  /** Pictures decoded, for measurements. */
  decoded: number;
}

interface Actor {
  file: SegmentFile;
  footage: Footage | null;
  scaler: Scaler | null;
}

export class Renderer {
  readonly #folder: string;
  readonly #canvas: Canvas;
  readonly #actors = new Map<string, Actor>();
  #stage: Stage | null = null;
  #missing = new Map<string, string>();

  constructor(folder: string, canvas: Canvas) {
    this.#folder = folder;
    this.#canvas = canvas;
  }

  render(job: WindowJob): Rendered {
    this.#missing = new Map();
    this.#cast(job);
    const video = this.#pictures(job);
    const firstSample = job.firstTick * samplesPerTick;
    const samples = job.ticks * samplesPerTick;
    const { from, to } = soundRange(firstSample, samples);
    const files = job.sounds.flatMap((segment) => this.#actors.get(segment)?.file ?? []);
    const voices: Rendered["voices"] = [];
    const sound = mix(files, from, to, {
      silent: (file, why) => this.#note(job, file, why),
      loud: (file, pieces) =>
        voices.push(...this.#segmentsOf(job, file).flatMap((segment) => pieces.map((piece) => ({ segment, ...piece })))),
    });
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
      decoded,
    };
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
        actor = { file: new SegmentFile(join(this.#folder, source.file)), footage: null, scaler: null };
        this.#actors.set(source.segment, actor);
      }
      actor.file.update(source.bytes, source.map, source.audioShiftMs, source.soundMap);
      if (actor.file.refused) this.#missing.set(source.segment, actor.file.refused);
    }
  }

  #pictures(job: WindowJob): ReturnType<VideoEncoder["finish"]> {
    this.#stage ??= new Stage(this.#canvas);
    const encoder = new VideoEncoder(this.#canvas, job.firstTick);
    const prepared = new Set<string>();
    const lastTick = job.firstTick + job.ticks - 1;
    try {
      for (const piece of job.pieces) {
        this.#stage.clear();
        const tiles = piece.tiles.map((tile) => new TileOnStage(this.#stage!, tile, this.#actorOf(tile, piece, prepared)));
        for (let tick = piece.fromTick; tick < piece.toTick; tick++) {
          for (const tile of tiles) tile.update(tick, lastTick);
          encoder.push(this.#stage.frame, tick);
        }
      }
      for (const segment of prepared) {
        const footage = this.#actors.get(segment)?.footage;
        if (footage && footage.serial === 0 && footage.errors > 0) this.#missing.set(segment, "the picture cannot be decoded");
      }
      return encoder.finish();
    } finally {
      encoder.close();
    }
  }

  /** Null: a card. */
  #actorOf(tile: Tile, piece: Piece, prepared: Set<string>): Actor | null {
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
    if (!prepared.has(tile.segment)) actor.footage.prepare(piece.fromTick);
    prepared.add(tile.segment);
    return actor;
  }

  #note(job: WindowJob, voice: SegmentFile, why: string): void {
    for (const segment of this.#segmentsOf(job, voice)) this.#missing.set(segment, why);
  }

  #segmentsOf(job: WindowJob, file: SegmentFile): string[] {
    return job.sources.flatMap(({ segment }) => (this.#actors.get(segment)?.file === file ? [segment] : []));
  }

  close(): void {
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

/** One tile during one piece: drawn again only when another picture is on show. */
class TileOnStage {
  /** Footage.serial of the picture that is drawn; -1: the card, -2: nothing yet. */
  #drawn = -2;
  #size = "";

  constructor(
    readonly stage: Stage,
    readonly tile: Tile,
    readonly actor: Actor | null,
  ) {}

  update(tick: number, lastTick: number): void {
    const { footage, scaler } = this.actor ?? {};
    const frame = footage?.at(tick, lastTick) ?? null;
    if (!frame || !footage || !scaler) {
      if (this.#drawn !== -1) this.stage.card(this.tile.rect);
      this.#drawn = -1;
      return;
    }
    if (this.#drawn === footage.serial) return;
    const size = `${frame.width}x${frame.height}`;
    if (this.#size !== size) this.stage.erase(this.tile.rect);
    this.#size = size;
    this.#drawn = footage.serial;
    const place = fitted(frame.width, frame.height, this.tile.rect);
    this.stage.draw(scaler.scale(frame, place.width, place.height), place);
  }
}
