// Every picture of the sources carries its number; whoever drops, repeats or displaces one anywhere in the film is found out.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame } from "node-av/lib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TimelineSegment } from "../../protocol/timeline.ts";
import { composeAll, filmOf } from "./composed.fixture.ts";
import { Footage } from "./decode.ts";
import { fitted } from "./fitting.ts";
import { colourIn, type Script, segmentOf, timelineWith, webmOf } from "./footage.fixture.ts";
import { tickOf } from "./place.ts";
import { type Colour, fill, type Planes } from "./planes.ts";
import type { Rendered } from "./render.ts";
import { windowOf, windowTicks } from "./window.ts";

const canvas = { width: 320, height: 180 };
const source = { width: 320, height: 180 };
/** Bars of a number, the highest first: enough for the pictures of half a minute. */
const bars = 10;
const black: Colour = { y: 24, u: 128, v: 128 };
const white: Colour = { y: 220, u: 128, v: 128 };
/** Three windows and a bit. */
const lengthMs = 10_000;
const ticks = tickOf(lengthMs);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "joins-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `first`: the first picture's number. */
function numbered(name: string, startMs: number, script: Partial<Script>, first = 0): TimelineSegment {
  const paint = (picture: Planes, index: number) => {
    const width = source.width / bars;
    for (let bar = 0; bar < bars; bar++)
      fill(picture, { x: bar * width, y: 0, width, height: source.height }, ((first + index) >> (bars - 1 - bar)) & 1 ? white : black);
  };
  const bytes = webmOf({ seconds: 10, colour: () => black, paint, ...source, ...script });
  writeFileSync(join(folder, `${name}.webm`), bytes);
  return segmentOf(`${name}.webm`, bytes.length, startMs, Math.min(lengthMs, startMs + 10_000));
}

/** The number in the upper half of a tile; its name is in the lower one. */
function numberIn(frame: Frame, tile: { x: number; y: number; width: number; height: number }): number {
  const { x, y, width, height } = fitted(source.width, source.height, tile);
  let number = 0;
  for (let bar = 0; bar < bars; bar++) {
    const rect = { x: x + Math.round((bar * width) / bars), y, width: Math.floor(width / bars), height: height >> 1 };
    number = number * 2 + (colourIn(frame, rect).y > 122 ? 1 : 0);
  }
  return number;
}

/** Who is seen with which number, tick by tick: by track. */
function numbersIn(windows: Rendered[], timeline: ReturnType<typeof timelineWith>): Map<string, number>[] {
  const film = filmOf(folder, windows);
  const footage = new Footage(film, film.video!);
  footage.prepare(0);
  try {
    return Array.from({ length: ticks }, (_, tick) => {
      const frame = footage.at(tick, ticks)!;
      const { pieces } = windowOf(timeline, canvas, Math.floor(tick / windowTicks))!;
      const { tiles } = pieces.find(({ fromTick, toTick }) => fromTick <= tick && tick < toTick)!;
      return new Map(tiles.map(({ trackId, rect }) => [trackId, numberIn(frame, rect)]));
    });
  } finally {
    footage.close();
    film.close();
  }
}

test("over every join and every relayout each tick shows its own picture, with warm and with cold decoders", {
  timeout: 60_000,
}, async () => {
  // Key frames lie so that cold decoders begin in the window before, and in the one at hand.
  const tracks = {
    Ann: [numbered("ann", 0, { keyEvery: 70 })],
    // Comes in the middle of the second window and leaves in the middle of the third.
    Ben: [{ ...numbered("ben", 4500, { keyEvery: 100, codec: "h264" }), endMs: 8000 }],
  };
  const timeline = timelineWith(lengthMs, tracks);
  const [ann, ben] = timeline.tracks.map(({ id }) => id) as [string, string];
  const expected = Array.from({ length: ticks }, (_, tick) => {
    const numbers = new Map([[ann, tick]]);
    if (tick >= tickOf(4500) && tick < tickOf(8000)) numbers.set(ben, tick - tickOf(4500));
    return numbers;
  });
  for (const cold of [false, true]) {
    const windows = await composeAll(folder, canvas, timeline, { cold });
    expect(windows.map(({ missing }) => missing)).toEqual([[], [], [], []]);
    expect(numbersIn(windows, timeline), cold ? "cold" : "warm").toEqual(expected);
  }
});

test("pictures that come twice as often, half as often or with some left out are shown from their own tick until the next one's", {
  timeout: 60_000,
}, async () => {
  const keeps = (index: number) => index % 30 === 0 || index % 7 !== 3;
  const tracks = {
    Fast: [numbered("fast", 0, { rate: 60, keyEvery: 130, codec: "vp9" })],
    Slow: [numbered("slow", 0, { rate: 15, keyEvery: 40 })],
    Uneven: [numbered("uneven", 0, { keeps, keyEvery: 95 })],
  };
  const timeline = timelineWith(lengthMs, tracks);
  const [fast, slow, uneven] = timeline.tracks.map(({ id }) => id) as [string, string, string];
  // Of a number of pictures, the last that begins at or before a tick.
  const last = (tick: number, rate: number, here: (index: number) => boolean = () => true) => {
    for (let index = Math.ceil(((tick + 1) * rate) / 30); ; index--)
      if (here(index) && tickOf(Math.round((index * 1000) / rate)) <= tick && index < 10 * rate) return index;
  };
  const expected = Array.from({ length: ticks }, (_, tick) => [last(tick, 60), last(tick, 15), last(tick, 30, keeps)]);
  for (const cold of [false, true]) {
    const windows = await composeAll(folder, canvas, timeline, { cold });
    const numbers = numbersIn(windows, timeline).map((at) => [at.get(fast), at.get(slow), at.get(uneven)]);
    expect(numbers, cold ? "cold" : "warm").toEqual(expected);
  }
});

test("where a person's recorder is followed by another that began before it ended, no picture is missing and none comes twice", {
  timeout: 60_000,
}, async () => {
  const tracks = {
    Ann: [{ ...numbered("before", 0, { keyEvery: 70 }), endMs: 4500 }, numbered("after", 4000, { keyEvery: 70 }, tickOf(4000))],
  };
  const timeline = timelineWith(lengthMs, tracks);
  const windows = await composeAll(folder, canvas, timeline);
  const numbers = numbersIn(windows, timeline).flatMap((at) => [...at.values()]);
  expect(numbers).toEqual(Array.from({ length: ticks }, (_, tick) => tick));
});
