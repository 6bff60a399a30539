// Pictures are drawn onto the canvas in its colours, and beside their rectangle nothing is touched.
import {
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_RANGE_UNSPECIFIED,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
} from "node-av/constants";
import type { Frame } from "node-av/lib";
import { expect, test } from "vitest";
import { newFrame } from "./decode.ts";
import { colourIn, near, red } from "./footage.fixture.ts";
import type { Rect } from "./layout.ts";
import { must } from "./libav.ts";
import { background, type Colour } from "./planes.ts";
import { Scaler } from "./scaler.ts";
import { Stage } from "./stage.ts";

const canvas = { width: 640, height: 360, names: false };
const upright = { turned: 0, mirrored: false } as const;

/** One colour, in a matrix and a range. */
function picture({ y, u, v }: Colour, looks: Partial<Pick<Frame, "colorSpace" | "colorRange" | "format">> = {}): Frame {
  const frame = newFrame();
  frame.width = 320;
  frame.height = 180;
  frame.format = looks.format ?? AV_PIX_FMT_YUV420P;
  frame.colorSpace = looks.colorSpace ?? AVCOL_SPC_UNSPECIFIED;
  frame.colorRange = looks.colorRange ?? AVCOL_RANGE_UNSPECIFIED;
  must(frame.getBuffer(), "making a picture");
  for (const [plane, value] of [y, u, v].entries()) {
    const bytes = frame.data![plane]!;
    if (looks.format === AV_PIX_FMT_YUV420P10LE) new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1).fill(value * 4);
    else bytes.fill(value);
  }
  return frame;
}

/** The colour in the middle of `rect` once the picture is drawn there. */
function drawn(frame: Frame, rect: Rect): Colour {
  const stage = new Stage(canvas);
  const scaler = new Scaler();
  stage.clear();
  stage.draw(scaler.scale(frame, rect, upright), rect);
  const seen = colourIn(stage.frame, { x: rect.x + 16, y: rect.y + 16, width: rect.width - 32, height: rect.height - 32 });
  expect(touched(stage.frame, rect)).toEqual([]);
  scaler.close();
  stage.close();
  frame.free();
  return seen;
}

/** Where outside of `rect` the canvas is no longer as it was cleared: at most ten places. */
function touched(frame: Frame, rect: Rect): string[] {
  const places: string[] = [];
  for (const [plane, value] of [background.y, background.u, background.v].entries()) {
    const [shift, stride, bytes] = [plane === 0 ? 0 : 1, frame.linesize[plane]!, frame.data![plane]!];
    for (let y = 0; y < canvas.height >> shift; y++)
      for (let x = 0; x < canvas.width >> shift; x++) {
        const [atX, atY] = [x << shift, y << shift];
        const inside = atX >= rect.x && atX < rect.x + rect.width && atY >= rect.y && atY < rect.y + rect.height;
        if (!inside && bytes[y * stride + x] !== value) places.push(`plane ${plane}, ${atX}, ${atY}`);
      }
  }
  return places.slice(0, 10);
}

test.each([
  { name: "smaller", rect: { x: 100, y: 60, width: 160, height: 90 } },
  { name: "larger", rect: { x: 32, y: 18, width: 480, height: 270 } },
  { name: "at the right edge, of no round width", rect: { x: 4, y: 60, width: 636, height: 180 } },
  { name: "before a neighbour, of no round width", rect: { x: 0, y: 0, width: 314, height: 178 } },
  { name: "as large as it is", rect: { x: 102, y: 62, width: 320, height: 180 } },
])("a picture drawn $name fills its rectangle and touches nothing beside it", ({ rect }) => {
  expect(near(drawn(picture(red), rect), red)).toBe(true);
});

// Pure red, as each standard writes it (Kr and Kb of ITU-R BT.601 and BT.709; full range 0 to 255, limited 16 to 235 and 16 to 240).
test.each([
  { name: "BT.601, limited", y: 82, u: 90, v: 240, colorSpace: AVCOL_SPC_SMPTE170M, colorRange: AVCOL_RANGE_MPEG },
  { name: "BT.601, full", y: 76, u: 85, v: 255, colorSpace: AVCOL_SPC_SMPTE170M, colorRange: AVCOL_RANGE_JPEG },
  { name: "BT.709, limited", y: 63, u: 102, v: 240, colorSpace: AVCOL_SPC_BT709, colorRange: AVCOL_RANGE_MPEG },
  { name: "BT.709, full", y: 54, u: 99, v: 255, colorSpace: AVCOL_SPC_BT709, colorRange: AVCOL_RANGE_JPEG },
])("a picture in $name is the same red on the film", ({ y, u, v, colorSpace, colorRange }) => {
  const seen = drawn(picture({ y, u, v }, { colorSpace, colorRange }), { x: 100, y: 60, width: 160, height: 90 });
  for (const [is, ought] of [
    [seen.y, 82],
    [seen.u, 90],
    [seen.v, 240],
  ] as const)
    expect(Math.abs(is - ought), JSON.stringify(seen)).toBeLessThanOrEqual(3);
});

test("ten bits a sample become eight", () => {
  expect(near(drawn(picture(red, { format: AV_PIX_FMT_YUV420P10LE }), { x: 100, y: 60, width: 160, height: 90 }), red)).toBe(true);
});

test("a picture can be drawn at any even place, one after the other", () => {
  const stage = new Stage(canvas);
  const scaler = new Scaler();
  const frame = picture(red);
  for (let index = 0; index < 200; index++) stage.draw(scaler.scale(frame, { width: 160, height: 90 }, upright), { x: index * 2, y: 0 });
  expect(near(colourIn(stage.frame, { x: 398, y: 0, width: 160, height: 90 }), red)).toBe(true);
  scaler.close();
  stage.close();
  frame.free();
});
