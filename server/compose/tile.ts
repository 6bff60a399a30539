// One tile during one piece of a window: a picture with its name, a name tile whose ring moves with the voice, or a card.
// Promise: drawn again only when something in it changes.

import type { Frame } from "node-av/lib";
import type { Ink } from "../../protocol/plate.ts";
import type { Footage } from "./decode.ts";
import { fitted, type Orientation, uprightSize } from "./fitting.ts";
import { Label } from "./label.ts";
import { letters } from "./letters.ts";
import { nameTileOf } from "./nametile.ts";
import type { Planes } from "./planes.ts";
import type { Actor } from "./render.ts";
import type { Scaler } from "./scaler.ts";
import type { Stage } from "./stage.ts";
import type { Tile } from "./window.ts";

export interface TileOptions {
  /** Null: no pictures. */
  actor: Actor | null;
  /** The name; null: none is drawn. */
  ink: Ink | null;
  /** A segment's voice, tick by tick from `firstTick` on. */
  rings: (segment: string) => Uint8Array;
  firstTick: number;
}

export class TileOnStage {
  /** Footage.serial of the picture that is drawn, or the name tile's ring; null: nothing yet. */
  #drawn: string | null = null;
  #size = "";
  #label: Label | null = null;
  #rings: Uint8Array | null = null;
  readonly #cards = new Map<number, Planes>();

  constructor(
    readonly stage: Stage,
    readonly tile: Tile,
    readonly options: TileOptions,
  ) {}

  /** Whether whatever belongs here is here. A voice that moves a ring is not known before the window is whole. */
  has(tick: number, lastTick: number): boolean {
    const { segment, off } = this.tile;
    const { footage } = this.options.actor ?? {};
    return segment === null || (!off && !!footage && footage.at(tick, lastTick) !== null);
  }

  update(tick: number, lastTick: number): void {
    const { footage, scaler, file } = this.options.actor ?? {};
    const frame = footage?.at(tick, lastTick) ?? null;
    if (frame && footage && scaler && file?.video) this.#picture(frame, footage, scaler, file.video);
    else this.#nameTile(tick);
  }

  #picture(frame: Frame, footage: Footage, scaler: Scaler, lies: Orientation): void {
    const drawn = `picture ${footage.serial}`;
    if (this.#drawn === drawn) return;
    const { rect } = this.tile;
    const size = `${frame.width}x${frame.height}`;
    if (this.#size !== size) this.stage.erase(rect);
    this.#size = size;
    this.#drawn = drawn;
    const upright = uprightSize(frame, lies);
    const place = fitted(upright.width, upright.height, rect);
    const { ink } = this.options;
    if (ink) {
      this.#label ??= new Label(rect, ink);
      // Beside a picture that does not fill its tile the last label is still there.
      if (place.width < rect.width || place.height < rect.height) this.stage.erase(this.#label.rect);
    }
    this.stage.draw(scaler.scale(frame, place, lies), place);
    if (this.#label) this.stage.write(this.#label);
  }

  #nameTile(tick: number): void {
    const { segment, rect, why } = this.tile;
    if (segment) this.#rings ??= this.options.rings(segment);
    const ring = this.#rings?.[tick - this.options.firstTick] ?? 0;
    const drawn = `ring ${ring}`;
    if (this.#drawn === drawn) return;
    this.#drawn = drawn;
    this.#size = "";
    let card = this.#cards.get(ring);
    if (!card) {
      card = nameTileOf({ width: rect.width, height: rect.height, name: this.options.ink, why: wordsOf(why), ring });
      this.#cards.set(ring, card);
    }
    this.stage.draw(card, rect);
  }
}

/** A reason that cannot be drawn costs no window. */
function wordsOf(why: string | null): Ink | null {
  try {
    return why === null ? null : letters(why);
  } catch (error) {
    process.stderr.write(`words that cannot be drawn: ${error}\n`);
    return null;
  }
}
