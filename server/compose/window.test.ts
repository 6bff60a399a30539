import fc from "fast-check";
import { expect, test } from "vitest";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { changedFromMs } from "./spans.ts";
import { shapeOf, windowOf, windowsOf, windowTicks } from "./window.ts";

const canvas = { width: 1280, height: 720 };
const at = (ms: number) => Math.round((ms * 30) / 1000);

test("the last window has the ticks that remain", () => {
  const timeline = timelineWith(7000, { Ann: [segmentOf("a.webm", 1, 0, 7000)] });
  expect(windowsOf(timeline)).toBe(3);
  expect([0, 1, 2, 3].map((index) => windowOf(timeline, canvas, index)?.ticks)).toEqual([96, 96, 18, undefined]);
});

test("who starts within a second of Record and ends within one of Stop is there all the time", () => {
  const timeline = timelineWith(6000, { Ann: [segmentOf("a.webm", 1, 900, 5100)], Ben: [segmentOf("b.webm", 1, 1100, 4900)] });
  const pieces = [0, 1].flatMap((index) => windowOf(timeline, canvas, index)!.pieces);
  expect(pieces.map(({ fromTick, toTick, tiles }) => [fromTick, toTick, tiles.length])).toEqual([
    [0, at(1100), 1],
    [at(1100), 96, 2],
    [96, at(4900), 2],
    [at(4900), 180, 1],
  ]);
});

test("in a hole between segments the face stays as a card; a short hole is bridged", () => {
  const timeline = timelineWith(9000, {
    Ann: [segmentOf("a.webm", 1, 0, 2000), segmentOf("b.webm", 1, 2300, 5000), segmentOf("c.webm", 1, 7000, 9000)],
  });
  const pieces = [0, 1, 2].flatMap((index) => windowOf(timeline, canvas, index)!.pieces);
  const shown = pieces.map(({ fromTick, tiles }) => [fromTick, tiles[0]!.segment?.at(-1) ?? null]);
  expect(shown).toEqual([
    [0, "a"],
    [at(2300), "b"],
    [96, "b"],
    [at(5000), null],
    [192, null],
    [at(7000), "c"],
  ]);
});

test("while it records a face whose segment is open is held to the window's end", () => {
  const open = timelineWith(null, { Ann: [segmentOf("a.webm", 1, 0, 2500, { sealed: false })] });
  expect(windowOf(open, canvas, 0)!.pieces.map((piece) => [piece.toTick, piece.tiles.length])).toEqual([[96, 1]]);
  const left = timelineWith(null, { Ann: [segmentOf("a.webm", 1, 0, 2500)] });
  expect(windowOf(left, canvas, 0)!.pieces.map((piece) => [piece.toTick, piece.tiles.length])).toEqual([
    [75, 1],
    [96, 0],
  ]);
});

const tracks = fc
  .array(fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 1, max: 6000 })), { minLength: 1, maxLength: 4 }), {
    maxLength: 6,
  })
  .map((all) =>
    Object.fromEntries(
      all.map((steps, track) => {
        let atMs = 0;
        const segments = steps.map(([pause, length], index) => {
          const startMs = atMs + pause;
          atMs = startMs + length;
          return segmentOf(`${track}${index}.webm`, 1, startMs, atMs);
        });
        return [`P${track}`, segments];
      }),
    ),
  );

test("every tick lies in exactly one piece, and tiles are those of the layout", () => {
  fc.assert(
    fc.property(tracks, fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: null }), (people, durationMs) => {
      const timeline = timelineWith(durationMs, people);
      let tick = 0;
      for (let index = 0; index < 8; index++) {
        const job = windowOf(timeline, canvas, index);
        if (!job) {
          expect(durationMs).not.toBeNull();
          expect(tick).toBe(Math.max(1, at(durationMs!)));
          break;
        }
        expect(job.firstTick).toBe(index * windowTicks);
        for (const piece of job.pieces) {
          expect(piece.fromTick).toBe(tick);
          expect(piece.toTick).toBeGreaterThan(tick);
          expect(new Set(piece.tiles.map((tile) => tile.trackId)).size).toBe(piece.tiles.length);
          for (const tile of piece.tiles)
            if (tile.segment) expect(job.sources.some((source) => source.segment === tile.segment)).toBe(true);
          tick = piece.toTick;
        }
        expect(tick).toBe(job.firstTick + job.ticks);
      }
    }),
  );
});

test("a window's plan differs only from the moment on that is given as changed", () => {
  fc.assert(
    fc.property(tracks, tracks, fc.option(fc.integer({ min: 5000, max: 20_000 }), { nil: null }), (some, others, durationMs) => {
      const before = timelineWith(durationMs, some);
      const after = timelineWith(durationMs, { ...some, ...Object.fromEntries(Object.entries(others).slice(0, 2)) });
      const from = changedFromMs(before, after);
      for (let index = 0; index < 8 && (index + 1) * 3200 + 3200 < from; index++) {
        const [was, is] = [windowOf(before, canvas, index), windowOf(after, canvas, index)];
        expect(was && shapeOf(was)).toBe(is && shapeOf(is));
      }
    }),
  );
});
