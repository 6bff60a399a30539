import { expect, test } from "vitest";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { emptyLedger, type Ledger } from "./ledger.ts";
import { turnsOf } from "./turns.ts";

const timeline = timelineWith(60_000, { Ann: [segmentOf("a.webm", 1, 0, 60_000)], Ben: [segmentOf("b.webm", 1, 0, 60_000)] });
const [ann, ben] = timeline.tracks.map(({ id }) => id) as [string, string];

/** One row a window: Ann's eight looks, Ben's. "#" speaks (−20 LUFS), "." is silent; a gain of 0. */
function ledgerOf(...rows: [string, string][]): Ledger {
  const loud = (pattern: string) => pattern.replaceAll("#", String.fromCharCode("~".charCodeAt(0) - 20));
  return {
    ...emptyLedger({ width: 1280, height: 720 }),
    evenness: [ann, ben].map((track) => ({ track, heard: [] })),
    windows: rows.map(([one, other], index) => ({
      index,
      file: `${index}.m4s`,
      ticks: 96,
      bytes: 1,
      shape: "",
      placed: [],
      missing: [],
      heard: [
        [0, 0, loud(one)],
        [1, 0, loud(other)],
      ],
    })),
  };
}

test("who speaks becomes large from where they began, and stays until somebody else has spoken for a while", () => {
  const turns = turnsOf(timeline, ledgerOf(["########", "........"], ["........", "..######"], ["########", "........"]));
  expect(turns).toEqual([
    { fromTick: 0, trackId: ann },
    { fromTick: 96 + 24, trackId: ben },
    { fromTick: 192, trackId: ann },
  ]);
});

test("a cough, two who speak at once and silence change nothing", () => {
  expect(turnsOf(timeline, ledgerOf(["########", "#......."], ["........", "...#...."], ["########", "########"]))).toHaveLength(1);
});

test("nobody is large for less than two seconds", () => {
  const turns = turnsOf(timeline, ledgerOf(["....####", "####...."], ["####....", "....####"], ["....####", "####...."]));
  for (const [index, { fromTick }] of turns.entries())
    if (index > 1) expect(fromTick - turns[index - 1]!.fromTick).toBeGreaterThanOrEqual(12 * 3);
});

test("what is heard later changes nothing before it", () => {
  const rows: [string, string][] = [
    ["####....", "....####"],
    ["........", "########"],
    ["########", "........"],
    ["####....", "...#####"],
  ];
  const whole = turnsOf(timeline, ledgerOf(...rows));
  for (let count = 1; count < rows.length; count++) {
    const part = turnsOf(timeline, ledgerOf(...rows.slice(0, count)));
    expect(whole.slice(0, part.length)).toEqual(part);
  }
});
