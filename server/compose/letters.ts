// Words drawn by the server itself: what cards say, and names whose owner's browser drew none. In a font that comes with an npm package.
// Promise: plain text in, ink out; whatever the text holds, it is drawn and not obeyed. Covers Latin, Greek, Cyrillic, Hebrew and Arabic.
import { createRequire } from "node:module";
import { FilterGraph } from "node-av/lib";
import { type Ink, plateMaxHeight, plateMaxWidth } from "../../protocol/plate.ts";
import { newFrame } from "./decode.ts";
import { must } from "./libav.ts";

/** Looked for when it is needed: without it there are no letters, and still a film. */
const font = () => createRequire(import.meta.url).resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf");
/** Like the browsers' plates: letters of this size, on this line. */
const size = 42;
const baseline = 47;

const drawn = new Map<string, Ink>();
/** A recording has a few names and a few reasons. */
const mostDrawn = 200;

export function letters(text: string): Ink {
  const known = drawn.get(text);
  if (known) return known;
  if (drawn.size >= mostDrawn) drawn.clear();
  const ink = draw(text);
  drawn.set(text, ink);
  return ink;
}

function draw(text: string): Ink {
  const graph = new FilterGraph();
  const frame = newFrame();
  try {
    graph.alloc();
    graph.nbThreads = 1;
    const canvas = `color=black:size=${plateMaxWidth}x${plateMaxHeight}:rate=1:duration=1,format=gray`;
    const look = `expansion=none:fontcolor=white:fontsize=${size}:x=2:y=${baseline}-ascent`;
    must(
      graph.parsePtr(`${canvas},drawtext=fontfile=${quoted(font())}:text=${quoted(text)}:${look},format=gray,buffersink@out`),
      "drawing letters",
    );
    must(graph.configSync(), "drawing letters");
    must(graph.getFilter("buffersink@out")!.buffersinkGetFrameSync(frame), "drawing letters");
    const plane = frame.data?.[0];
    if (!plane) throw new Error("letters without a picture");
    return trimmed(plane, frame.linesize[0]!);
  } finally {
    frame.free();
    graph.free();
  }
}

/** For FFmpeg's two ways of reading: as an option's value, then as a part of a graph. */
function quoted(text: string): string {
  return text.replace(/[\\':]/g, "\\$&").replace(/[\\'[\],;]/g, "\\$&");
}

/** Without what is empty at the right. */
function trimmed(plane: Uint8Array, stride: number): Ink {
  let width = 1;
  for (let y = 0; y < plateMaxHeight; y++)
    for (let x = plateMaxWidth - 1; x >= width; x--) if (plane[y * stride + x]! > 8) width = Math.min(plateMaxWidth, x + 3);
  const ink = new Uint8Array(width * plateMaxHeight);
  for (let y = 0; y < plateMaxHeight; y++) ink.set(plane.subarray(y * stride, y * stride + width), y * width);
  return { width, height: plateMaxHeight, ink };
}
