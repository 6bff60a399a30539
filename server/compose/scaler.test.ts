// Pictures are drawn straight onto the canvas, in its colours, and beside their rectangle nothing is touched.
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
  scaler.draw(frame, stage.piece(rect), upright);
  const middle = { x: rect.x + 16, y: rect.y + 16, width: rect.width - 32, height: rect.height - 32 };
  const seen = colourIn(stage.frame, middle);
  for (const beside of [
    { x: 0, y: 0, width: canvas.width, height: rect.y },
    { x: 0, y: rect.y, width: rect.x, height: rect.height },
    { x: rect.x + rect.width, y: rect.y, width: canvas.width - rect.x - rect.width, height: rect.height },
    { x: 0, y: rect.y + rect.height, width: canvas.width, height: canvas.height - rect.y - rect.height },
  ])
    expect(colourIn(stage.frame, beside), JSON.stringify(beside)).toEqual(background);
  scaler.close();
  stage.close();
  frame.free();
  return seen;
}

test.each([
  { name: "smaller", rect: { x: 100, y: 60, width: 160, height: 90 } },
  { name: "larger", rect: { x: 32, y: 18, width: 480, height: 270 } },
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

test("a canvas remembers a few of its pieces, and draws on any of them", () => {
  const stage = new Stage(canvas);
  const scaler = new Scaler();
  const frame = picture(red);
  for (let index = 0; index < 200; index++) scaler.draw(frame, stage.piece({ x: index * 2, y: 0, width: 160, height: 90 }), upright);
  expect(near(colourIn(stage.frame, { x: 398, y: 0, width: 160, height: 90 }), red)).toBe(true);
  scaler.close();
  stage.close();
  frame.free();
});
