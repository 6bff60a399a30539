// The canvas that everything is drawn on, and pieces of it that are drawn on by themselves.
import { AV_BUFFERSRC_FLAG_KEEP_REF, AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, AVCOL_SPC_SMPTE170M } from "node-av/constants";
import { avImageCopy2, FilterGraph, type Frame } from "node-av/lib";
import { newFrame } from "./decode.ts";
import type { Label } from "./label.ts";
import type { Canvas, Rect } from "./layout.ts";
import { must } from "./libav.ts";
import { background, fill, type Planes } from "./planes.ts";

/** Kept at once: nine tiles in some layouts, and pictures of changing shapes in them. A stream may change its shape for ever. */
const mostPieces = 64;

export class Stage {
  readonly frame: Frame;
  readonly #planes: Planes;
  readonly #pieces = new Map<string, { frame: Frame; planes: Buffer[] }>();

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

  /** That rectangle (of even numbers) as a frame of its own, in the canvas's memory: what is drawn on it is on the canvas. Good until another one is asked for. */
  piece(rect: Rect): Frame {
    return this.#piece(rect).frame;
  }

  /** Whole, at an even place. */
  draw({ width, height, strides, planes }: Planes, { x, y }: { x: number; y: number }): void {
    const onto = this.#piece({ x, y, width, height }).planes;
    avImageCopy2(onto, this.#planes.strides as number[], planes.map(buffer), strides as number[], AV_PIX_FMT_YUV420P, width, height);
  }

  #piece(rect: Rect): { frame: Frame; planes: Buffer[] } {
    const key = [rect.x, rect.y, rect.width, rect.height].join();
    let found = this.#pieces.get(key);
    if (!found) {
      if (this.#pieces.size >= mostPieces) this.#forget();
      const { strides, planes } = this.#planes;
      const at = [rect.y * strides[0]! + rect.x, (rect.y / 2) * strides[1]! + rect.x / 2, (rect.y / 2) * strides[2]! + rect.x / 2];
      found = { frame: cut(this.frame, rect), planes: planes.map((plane, index) => buffer(plane.subarray(at[index]))) };
      this.#pieces.set(key, found);
    }
    return found;
  }

  #forget(): void {
    for (const { frame } of this.#pieces.values()) frame.free();
    this.#pieces.clear();
  }

  write(label: Label): void {
    label.paint(this.#planes);
  }

  close(): void {
    this.#forget();
    this.frame.free();
  }
}

/** A rectangle of a frame, in the same memory. There is no way to move a frame's pointers from here, but FFmpeg's crop does nothing else. */
function cut(frame: Frame, { x, y, width, height }: Rect): Frame {
  const graph = new FilterGraph();
  const piece = newFrame();
  try {
    graph.alloc();
    graph.nbThreads = 1;
    const source = `buffer@in=video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=1/30:pixel_aspect=1/1`;
    const colours = `:range=${frame.colorRange}:colorspace=${frame.colorSpace}`;
    must(graph.parsePtr(`${source}${colours},crop=${width}:${height}:${x}:${y},buffersink@out`), "cutting the canvas");
    must(graph.configSync(), "cutting the canvas");
    must(graph.getFilter("buffer@in")!.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF), "cutting the canvas");
    must(graph.getFilter("buffersink@out")!.buffersinkGetFrameSync(piece), "cutting the canvas");
    return piece;
  } catch (error) {
    piece.free();
    throw error;
  } finally {
    graph.free();
  }
}

/** With memory of its own, and nothing drawn on it. */
function blank(width: number, height: number): Frame {
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

function planesOf(frame: Frame): Planes {
  const data = frame.data;
  if (!data) throw new Error("a picture without data");
  return { width: frame.width, height: frame.height, strides: frame.linesize, planes: data };
}
