// The pictures of one window, drawn and encoded tick by tick: in one go, or as far as their bytes are here and the rest later.
// Promise: in however many goes, the same bytes as in one; what was begun under another plan is found out, and not gone on with.
import type { Ink } from "../../protocol/plate.ts";
import { pictureEvery } from "./effort.ts";
import { VideoEncoder } from "./encode.ts";
import type { Canvas } from "./layout.ts";
import type { Actor } from "./render.ts";
import type { Stage } from "./stage.ts";
import { thumbnailOf } from "./still.ts";
import { TileOnStage } from "./tile.ts";
import { type Piece, type Tile, type WindowJob, windowTicks } from "./window.ts";

/** Who the pictures are of, as it is known now. */
export interface Cast {
  /** Null: a card. */
  actorOf: (tile: Tile, tick: number) => Actor | null;
  inkOf: (trackId: string) => Ink | null;
  /** A segment's voice, tick by tick from the window's first on. */
  ringsOf: (segment: string) => Uint8Array;
}

export class Pictures {
  readonly #stage: Stage;
  readonly #effort: number;
  readonly #firstTick: number;
  readonly #encoder: VideoEncoder;
  #cast: Cast | null = null;
  #tiles: TileOnStage[] = [];
  /** First tick of the piece that the tiles are of. */
  #pieceFrom = -1;
  /** Not drawn yet. */
  #next: number;
  /** What was drawn followed from this. */
  #plan = "";
  #thumbnail: { tick: number; bytes: Buffer } | null = null;

  constructor(stage: Stage, canvas: Canvas, { firstTick }: WindowJob, effort: number) {
    this.#stage = stage;
    this.#effort = effort;
    this.#firstTick = firstTick;
    this.#next = firstTick;
    this.#encoder = new VideoEncoder(canvas, firstTick, effort);
  }

  /** The first tick that is not drawn yet. */
  get next(): number {
    return this.#next;
  }

  /** Whether what was drawn is what this plan would have drawn. */
  follows(job: WindowJob, effort: number): boolean {
    if (job.firstTick !== this.#firstTick || effort !== this.#effort || job.firstTick + job.ticks < this.#next) return false;
    const tick = middleOf(job);
    return planOf(job, this.#next) === this.#plan && (tick >= this.#next || tick === this.#thumbnail?.tick);
  }

  /** Draws all ticks before `toTick`; with `sure`, none at which somebody's picture is not here: it may only not have come yet. */
  draw(job: WindowJob, toTick: number, cast: Cast, sure: boolean): void {
    this.#cast = cast;
    this.#go(job, toTick, cast, sure);
    // Nothing of it is drawn, and more may be known of it later.
    if (this.#pieceFrom === this.#next) this.#pieceFrom = -1;
    this.#plan = planOf(job, this.#next);
  }

  #go(job: WindowJob, toTick: number, cast: Cast, sure: boolean): void {
    const lastTick = job.firstTick + job.ticks - 1;
    const every = pictureEvery(this.#effort);
    for (const piece of job.pieces) {
      if (piece.toTick <= this.#next) continue;
      this.#enter(piece, cast);
      for (; this.#next < Math.min(toTick, piece.toTick); this.#next++) {
        const tick = this.#next;
        if (sure && !this.#tiles.every((tile) => tile.has(tick, lastTick))) return;
        if (tick === piece.fromTick || tick % every === 0) for (const tile of this.#tiles) tile.update(tick, lastTick);
        this.#encoder.push(this.#stage.frame, tick);
        if (tick === middleOf(job)) this.#thumbnail = { tick, bytes: thumbnailOf(this.#stage.frame) };
      }
      if (this.#next >= toTick) return;
    }
  }

  #enter(piece: Piece, cast: Cast): void {
    if (this.#pieceFrom === piece.fromTick) return;
    this.#pieceFrom = piece.fromTick;
    this.#stage.clear();
    this.#tiles = piece.tiles.map((tile) => {
      const actor = tile.off ? null : cast.actorOf(tile, piece.fromTick);
      // Of whoever is known by then: a piece may be gone on with.
      const rings = (segment: string) => (this.#cast ?? cast).ringsOf(segment);
      return new TileOnStage(this.#stage, tile, { actor, ink: cast.inkOf(tile.trackId), rings, firstTick: this.#firstTick });
    });
  }

  finish(): ReturnType<VideoEncoder["finish"]> & { thumbnail: Buffer } {
    return { ...this.#encoder.finish(), thumbnail: this.#thumbnail?.bytes ?? Buffer.alloc(0) };
  }

  close(): void {
    this.#encoder.close();
  }
}

/** Of which the window's small picture is: of its middle, or of the middle of a whole one where it has that. */
function middleOf({ firstTick, ticks }: WindowJob): number {
  const half = windowTicks >> 1;
  return firstTick + (ticks > half ? half : ticks >> 1);
}

/** All that decides what is drawn before a tick. */
function planOf({ pieces, named, sources }: WindowJob, toTick: number): string {
  const before = pieces.filter(({ fromTick }) => fromTick < toTick).map((piece) => ({ ...piece, toTick: Math.min(piece.toTick, toTick) }));
  const tracks = new Set(before.flatMap(({ tiles }) => tiles.map(({ trackId }) => trackId)));
  const segments = new Set(before.flatMap(({ tiles }) => tiles.map(({ segment }) => segment)));
  return JSON.stringify([
    before,
    named.filter(({ trackId }) => tracks.has(trackId)),
    sources.filter(({ segment }) => segments.has(segment)).map(({ segment, file, map }) => [segment, file, map]),
  ]);
}
