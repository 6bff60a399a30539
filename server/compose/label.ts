// The name at the bottom left of a tile, on a soft dark gradient, worked out once and laid over each picture.
// Promise: what it costs per picture is a few thousand pixels; it covers less than a sixth of the tile, and nothing of its upper half.
import type { Ink } from "../../protocol/plate.ts";
import { sized } from "./ink.ts";
import { even, type Rect } from "./layout.ts";
import type { Planes } from "./planes.ts";

/** How dark the gradient is at its darkest. */
const darkest = 0.58;
const darkLuma = 18;
const inkLuma = 235;
/** Letters are this share of the tile's height, within these pixels. */
const share = 0.05;
const least = 13;
const most = 30;

export class Label {
  readonly #x: number;
  readonly #y: number;
  readonly #width: number;
  readonly #height: number;
  /** Of what was there, in 256ths; and what is added, times 256. */
  readonly #keep: Uint16Array;
  readonly #add: Uint16Array;
  readonly #keepColour: Uint16Array;

  constructor(tile: Rect, ink: Ink) {
    const letters = Math.max(least, Math.min(most, tile.height * share));
    const margin = even(letters * 0.7);
    const name = sized(ink, letters, tile.width - margin * 2);
    const fade = even(letters * 6);
    this.#width = Math.min(tile.width, even(name.width + margin * 2 + fade));
    this.#height = Math.min(even(tile.height / 6), even(name.height * 1.7));
    this.#x = tile.x;
    this.#y = tile.y + tile.height - this.#height;
    const top = this.#height - name.height - even(letters * 0.1);
    const darkAt = (x: number, y: number) => {
      const right = Math.min(1, (this.#width - x) / fade);
      return darkest * smooth((y + 1) / this.#height) * smooth(right);
    };
    const inkAt = (x: number, y: number) => {
      const [column, row] = [x - margin, y - top];
      return column >= 0 && column < name.width && row >= 0 && row < name.height ? name.ink[row * name.width + column]! / 255 : 0;
    };
    this.#keep = new Uint16Array(this.#width * this.#height);
    this.#add = new Uint16Array(this.#width * this.#height);
    this.#keepColour = new Uint16Array((this.#width * this.#height) / 4);
    for (let y = 0; y < this.#height; y++)
      for (let x = 0; x < this.#width; x++) {
        const [dark, drawn] = [darkAt(x, y), inkAt(x, y)];
        const at = y * this.#width + x;
        const keep = (1 - dark) * (1 - drawn);
        this.#keep[at] = Math.round(keep * 256);
        this.#add[at] = Math.round((dark * (1 - drawn) * darkLuma + drawn * inkLuma) * 256);
        this.#keepColour[(y >> 1) * (this.#width / 2) + (x >> 1)]! += Math.round(keep * 64);
      }
  }

  /** What it covers, on the canvas. */
  get rect(): Rect {
    return { x: this.#x, y: this.#y, width: this.#width, height: this.#height };
  }

  /** Over the picture that lies there now. */
  paint(target: Planes): void {
    const [luma, u, v] = target.planes as [Uint8Array, Uint8Array, Uint8Array];
    const [stride = 0, strideU = 0, strideV = 0] = target.strides;
    let index = 0;
    for (let y = 0; y < this.#height; y++) {
      let at = (this.#y + y) * stride + this.#x;
      for (const end = at + this.#width; at < end; at++, index++) luma[at] = (luma[at]! * this.#keep[index]! + this.#add[index]!) >> 8;
    }
    index = 0;
    for (let y = 0; y < this.#height / 2; y++) {
      let atU = (this.#y / 2 + y) * strideU + this.#x / 2;
      let atV = (this.#y / 2 + y) * strideV + this.#x / 2;
      for (const end = atU + this.#width / 2; atU < end; atU++, atV++, index++) {
        const keep = this.#keepColour[index]!;
        const grey = 128 * (256 - keep);
        u[atU] = (u[atU]! * keep + grey) >> 8;
        v[atV] = (v[atV]! * keep + grey) >> 8;
      }
    }
  }
}

function smooth(value: number): number {
  const inside = Math.max(0, Math.min(1, value));
  return inside * inside * (3 - 2 * inside);
}
