import pino from "pino";
import { expect, test } from "vitest";
import { attempt } from "./attempt.ts";
import { segmentOf, timelineWith } from "./footage.fixture.ts";
import { type WindowJob, windowOf } from "./window.ts";
import { Death, Failure } from "./worker.ts";

const timeline = timelineWith(3200, { Ann: [segmentOf("a.webm", 1, 0, 3200)], Ben: [segmentOf("b.webm", 1, 0, 3200)] });
const job = windowOf(timeline, { width: 1280, height: 720 }, 0)!;
const [ann, ben] = timeline.tracks.map((track) => track.id) as [string, string];
const done = { type: "done" as const, id: 1, bytes: 1, missing: [], cpuMs: 0, decoded: 0 };
const log = pino({ level: "silent" });

/** Dies of these tracks; keeps what it was asked. */
function dyingOf(killers: string[], asked: WindowJob[]) {
  return async (tried: WindowJob) => {
    asked.push(tried);
    if (tried.sources.some((source) => killers.includes(source.trackId))) throw new Death("gone");
    return done;
  };
}

test("a death without a reason is tried again as it was", async () => {
  let deaths = 1;
  const render = async () => {
    if (deaths-- > 0) throw new Death("gone");
    return done;
  };
  expect((await attempt(job, render, new Set(), () => false, log)).without).toEqual([]);
});

test("after two deaths the track that causes them is a card and silent, the other one stays", async () => {
  const asked: WindowJob[] = [];
  const suspects = new Set<string>();
  expect((await attempt(job, dyingOf([ben], asked), suspects, () => false, log)).without).toEqual([ben]);
  const last = asked.at(-1)!;
  expect(last.pieces[0]!.tiles.map((tile) => [tile.trackId, tile.segment !== null])).toEqual([
    [ann, true],
    [ben, false],
  ]);
  expect(last.sounds).toEqual([timeline.tracks[0]!.segments[0]!.id]);
  asked.length = 0;
  await attempt(job, dyingOf([ben], asked), suspects, () => false, log);
  expect(asked).toHaveLength(2);
});

test("when everybody causes them there are cards alone", async () => {
  expect((await attempt(job, dyingOf([ann, ben], []), new Set(), () => false, log)).without).toEqual([ann, ben]);
});

test("a full disk is nobody's fault: not tried again here", async () => {
  let asked = 0;
  const render = async () => {
    asked += 1;
    throw new Failure("ENOSPC", "no space left");
  };
  await expect(attempt(job, render, new Set(), () => false, log)).rejects.toThrow("no space left");
  expect(asked).toBe(1);
});
