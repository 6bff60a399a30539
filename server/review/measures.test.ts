import { expect, test } from "vitest";
import type { Timeline } from "../../protocol/timeline.ts";
import { appendLevels, levelMs, silenceDb } from "../store/levels.ts";
import { feedbackRig } from "./feedback.fixture.ts";
import { Measuring } from "./measures.ts";

const seconds = (length: number, level: number) => new Array<number>((length * 1000) / levelMs).fill(level);
/** Loud enough for speech, and the noise of a room. dB below full scale. */
const [spoken, quiet] = [20, 70];

test("a pause, and a stretch that nobody's microphone was recorded in, is no silence; what is left of one beside it is, if it is long enough", async () => {
  const { catalog, access, disk, recording, people, by, key } = await feedbackRig();
  // Recorded from 0 to 20 s and from 30 to 40 s; paused from 10 to 12 s.
  const runs = [
    { id: "seg_a", fromMs: 0, levels: [...seconds(2, spoken), ...seconds(18, quiet)] },
    { id: "seg_b", fromMs: 30_000, levels: [...seconds(2, quiet), ...seconds(2, spoken), ...seconds(6, silenceDb)] },
  ];
  await disk.makeFolder(disk.recording(recording));
  for (const { id, levels } of runs) await appendLevels(disk.recording(recording), [{ segment: id, fromMediaMs: 0, levels }]);
  const segments = runs.map(({ id, fromMs }) => ({ id, map: [{ mediaMs: 0, atMs: fromMs }], audioShiftMs: 0 }));
  const track = { participant: { id: people[0], name: "Asha" }, source: "camera", segments };
  const timeline = { durationMs: null, tracks: [track] } as unknown as Timeline;
  const measuring = new Measuring({
    ...{ catalog, access, disk },
    timeline: async () => timeline,
    place: ([knee], mediaMs) => (knee?.atMs ?? 0) + mediaMs,
  });
  const silences = async () => {
    const found = await measuring.look(by(key("guest")), recording);
    return found.silences.map(({ fromMs, toMs }) => [Math.round(fromMs / 1000), Math.round(toMs / 1000)]);
  };
  expect(await silences()).toEqual([
    [2, 20],
    [34, 40],
  ]);
  await catalog.pause(recording, 10_000);
  await catalog.resume(recording, 12_000);
  // It goes on, and is longer than what was measured.
  await catalog.pause(recording, 50_000);
  expect(await silences()).toEqual([
    [2, 10],
    [12, 20],
    [34, 40],
  ]);
});
