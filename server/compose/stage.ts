// The canvas that everything is drawn on.
import { AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, AVCOL_SPC_SMPTE170M } from "node-av/constants";
import { avImageCopy2, type Frame } from "node-av/lib";
import { newFrame } from "./decode.ts";
import type { Label } from "./label.ts";
import type { Canvas, Rect } from "./layout.ts";
import { must } from "./libav.ts";
import { background, fill, type Planes } from "./planes.ts";

export class Stage {
  readonly frame: Frame;
  readonly #planes: Planes;
  readonly #places = new Map<number, Buffer[]>();

  constructor(canvas: Canvas) {
    this.frame = blank(canvas.width, canvas.height);
    this.#planes = planesOf(this.frame);
  }

  clear(): void {
    this.erase({ x: 0, y: 0, width: this.#planes.width, height: this.#planes.height });
  }

  erase(rect: Rect): void {
    fill(this.#planes, rect, background);
  }

  /** Whole, at an even place. */
  draw({ width, height, strides, planes }: Planes, at: { x: number; y: number }): void {
    avImageCopy2(
      this.#from(at),
      this.#planes.strides as number[],
      planes.map(buffer),
      strides as number[],
      AV_PIX_FMT_YUV420P,
      width,
      height,
    );
  }

  /** The canvas from a place on. */
  #from({ x, y }: { x: number; y: number }): Buffer[] {
    const key = y * this.#planes.width + x;
    let found = this.#places.get(key);
    if (!found) {
      const { strides, planes } = this.#planes;
      const at = [y * strides[0]! + x, (y / 2) * strides[1]! + x / 2, (y / 2) * strides[2]! + x / 2];
      found = planes.map((plane, index) => buffer(plane.subarray(at[index])));
      this.#places.set(key, found);
    }
    return found;
  }

  write(label: Label): void {
    label.paint(this.#planes);
  }

  close(): void {
    this.frame.free();
  }
}

/** With memory of its own, and nothing drawn on it. */
export function blank(width: number, height: number): Frame {
  const frame = newFrame();
  frame.width = width;
  frame.height = height;
  frame.format = AV_PIX_FMT_YUV420P;
  // What browsers record: limited range, BT.601. See also `mp4.ts`, `encode.ts`.
  frame.colorRange = AVCOL_RANGE_MPEG;
  frame.colorSpace = AVCOL_SPC_SMPTE170M;
  must(frame.getBuffer(), "making room for a picture");
  return frame;
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** One view of its memory, good for as long as the frame is. */
export function planesOf(frame: Frame): Planes {
  const data = frame.data;
  if (!data) throw new Error("a picture without data");
  return { width: frame.width, height: frame.height, strides: frame.linesize, planes: data };
}
