// A phone's camera lies as its owner holds it, and its file says how: the film shows the picture upright, and the right way round.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { composeAll, filmOf } from "./composed.fixture.ts";
import { Footage } from "./decode.ts";
import { fitted } from "./fitting.ts";
import { blue, colourIn, green, near, red, segmentOf, timelineWith, webmOf, yellow } from "./footage.fixture.ts";
import type { Rect } from "./layout.ts";
import { initSegment } from "./mp4.ts";
import { background, fill, type Planes } from "./planes.ts";
import { windowOf } from "./window.ts";

const canvas = { width: 320, height: 180, names: false };
const lengthMs = 1000;
const colours = { red, green, blue, yellow, background };
let folder: string;
let init: Buffer;
let media: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "turned-"));
  const paint = (picture: Planes) => {
    for (const [index, colour] of [red, green, blue, yellow].entries())
      fill(picture, { x: (index % 2) * 160, y: (index >> 1) * 90, width: 160, height: 90 }, colour);
  };
  const bytes = webmOf({ seconds: 1, colour: () => red, paint });
  writeFileSync(join(folder, "quarters.webm"), bytes);
  const timeline = timelineWith(lengthMs, { Ann: [segmentOf("quarters.webm", bytes.length, 0, lengthMs)] });
  const [window] = await composeAll(folder, canvas, timeline);
  init = initSegment(window!.format);
  media = window!.bytes;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is seen of an MP4 whose pictures lie so and stand upright at that size: its quarters' colours, row by row, and the one beside it. */
async function shown([a, b, c, d]: readonly number[], upright: { width: number; height: number }) {
  const turned = Buffer.concat([init, media]);
  const matrix = turned.indexOf("tkhd") + 4 + 40;
  for (const [place, value] of [a, b, 0, c, d].entries()) turned.writeInt32BE(value! * 0x10000, matrix + place * 4);
  writeFileSync(join(folder, "turned.mp4"), turned);
  const timeline = timelineWith(lengthMs, { Ann: [segmentOf("turned.mp4", turned.length, 0, lengthMs)] });
  const [tile] = windowOf(timeline, canvas, 0)!.pieces[0]!.tiles;
  const { x, y, width, height } = fitted(upright.width, upright.height, tile!.rect);
  const film = filmOf(folder, await composeAll(folder, canvas, timeline));
  const footage = new Footage(film, film.video!);
  footage.prepare(20);
  const frame = footage.at(20, 20)!;
  const nameOf = (rect: Rect) => Object.entries(colours).find(([, colour]) => near(colourIn(frame, rect), colour))?.[0];
  const quarters = [0, 1, 2, 3].map((index) =>
    nameOf({ x: x + ((index % 2) * width) / 2, y: y + ((index >> 1) * height) / 2, width: width / 2, height: height / 2 }),
  );
  const beside = x < 40 ? "nothing" : nameOf({ x: x - 40, y, width: 36, height });
  footage.close();
  film.close();
  return { quarters, beside };
}

test("pictures turned by any quarter, and mirrored, are shown as their file says", async () => {
  const [wide, tall] = [
    { upright: { width: 320, height: 180 }, beside: "nothing" },
    { upright: { width: 180, height: 320 }, beside: "background" },
  ];
  const cases: [number[], string, typeof wide][] = [
    [[1, 0, 0, 1], "red green blue yellow", wide],
    [[0, 1, -1, 0], "blue red yellow green", tall],
    [[-1, 0, 0, -1], "yellow blue green red", wide],
    [[0, -1, 1, 0], "green yellow red blue", tall],
    [[-1, 0, 0, 1], "green red yellow blue", wide],
    [[0, -1, -1, 0], "yellow green blue red", tall],
    [[1, 0, 0, -1], "blue yellow red green", wide],
    [[0, 1, 1, 0], "red blue green yellow", tall],
  ];
  for (const [matrix, quarters, { upright, beside }] of cases)
    expect(await shown(matrix, upright), `${matrix}`).toEqual({ quarters: quarters.split(" "), beside });
});
