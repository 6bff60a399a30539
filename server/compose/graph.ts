// Pictures made to fit: one scaler per tile, built anew only when the picture's or the tile's size changes, and the canvas they are drawn on.
// Promise: a picture stands upright and keeps its shape, centred in its tile, at exactly the rectangle that the layout says.
import { AV_BUFFERSRC_FLAG_KEEP_REF, AV_PIX_FMT_YUV420P, AVCOL_RANGE_JPEG, AVCOL_SPC_BT709 } from "node-av/constants";
import { avImageCopy2, type FilterContext, FilterGraph, type Frame } from "node-av/lib";
import type { Stream } from "../align/container.ts";
import { newFrame } from "./decode.ts";
import type { Label } from "./label.ts";
import { type Canvas, even, type Rect } from "./layout.ts";
import { must } from "./libav.ts";
import { background, fill, type Planes } from "./planes.ts";

/** How a stream's pictures lie. */
export type Orientation = Pick<Stream, "turned" | "mirrored">;

/** As large as a picture is when it stands upright. */
export function uprightSize(
  { width, height }: Pick<Frame, "width" | "height">,
  { turned }: Orientation,
): { width: number; height: number } {
  return turned % 180 === 0 ? { width, height } : { width: height, height: width };
}

/** What stands a picture upright that is to be turned by so much. */
const turns = { 0: "", 90: ",transpose=clock", 180: ",hflip,vflip", 270: ",transpose=cclock" } as const;

export class Scaler {
  #key = "";
  #graph: FilterGraph | null = null;
  #input: FilterContext | null = null;
  #output: FilterContext | null = null;
  readonly #scaled: Frame = newFrame();
  /** What is scaled, copied to where it can be read without a new view of each picture's memory: those are garbage by the megabyte. */
  #kept: Frame | null = null;
  #planes: Planes | null = null;

  /** The picture, upright, at that size; good until the next call. */
  scale(frame: Frame, width: number, height: number, orientation: Orientation): Planes {
    const { turned, mirrored } = orientation;
    const key = [frame.width, frame.height, frame.format, frame.colorRange, frame.colorSpace, width, height, turned, mirrored].join();
    if (key !== this.#key) this.#build(frame, width, height, orientation);
    this.#key = key;
    must(this.#input!.buffersrcAddFrameSync(frame, AV_BUFFERSRC_FLAG_KEEP_REF), "scaling");
    this.#scaled.unref();
    must(this.#output!.buffersinkGetFrameSync(this.#scaled), "scaling");
    must(this.#kept!.copy(this.#scaled), "scaling");
    return this.#planes!;
  }

  #build(frame: Frame, width: number, height: number, orientation: Orientation): void {
    this.#graph?.free();
    const graph = new FilterGraph();
    this.#graph = graph;
    graph.alloc();
    graph.nbThreads = 1;
    // Browsers record limited range and the matrix of BT.601, and so is the film: only what says otherwise is converted.
    const range = frame.colorRange === AVCOL_RANGE_JPEG ? "pc" : "tv";
    // Turned when it is small: that is less to do.
    const to = uprightSize({ width, height }, orientation);
    const turn = turns[orientation.turned] + (orientation.mirrored ? ",hflip" : "");
    // Making smaller, the mean of an area looks as good as bicubic (SSIM within 0.001) for half the time.
    const flags = to.width <= frame.width && to.height <= frame.height ? "area" : "bicubic";
    const source = `buffer@in=video_size=${frame.width}x${frame.height}:pix_fmt=${frame.format}:time_base=1/30:pixel_aspect=1/1:range=${range}`;
    const matrix = frame.colorSpace === AVCOL_SPC_BT709 ? ":in_color_matrix=bt709:out_color_matrix=smpte170m" : "";
    const scale = `scale=${to.width}:${to.height}:flags=${flags}:in_range=${range}:out_range=tv${matrix}`;
    must(graph.parsePtr(`${source},${scale},format=yuv420p${turn},buffersink@out`), "building a scaler");
    must(graph.configSync(), "building a scaler");
    this.#input = graph.getFilter("buffer@in");
    this.#output = graph.getFilter("buffersink@out");
    this.#kept?.free();
    this.#kept = blank(width, height);
    this.#planes = planesOf(this.#kept);
  }

  close(): void {
    this.#graph?.free();
    this.#scaled.free();
    this.#kept?.free();
  }
}

/** The rectangle of a picture inside its tile. */
export function fitted(width: number, height: number, tile: Rect): Rect {
  const scale = Math.min(tile.width / width, tile.height / height);
  // Within four pixels of the tile it fills it: a thin line of background would look like a fault.
  const inside = (side: number, most: number) => (most - side * scale <= 4 ? most : Math.max(2, even(side * scale)));
  const size = { width: inside(width, tile.width), height: inside(height, tile.height) };
  return { x: tile.x + even((tile.width - size.width) / 2), y: tile.y + even((tile.height - size.height) / 2), ...size };
}

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
function blank(width: number, height: number): Frame {
  const frame = newFrame();
  frame.width = width;
  frame.height = height;
  frame.format = AV_PIX_FMT_YUV420P;
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
