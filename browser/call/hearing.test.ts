import { expect, test, vi } from "vitest";
import type { CallUp } from "../../protocol/call.ts";
import { Heard } from "../../protocol/recording.ts";
import { dated, type Ear, Hearing, levelOf, withApart } from "./hearing.ts";

const ben = "par_01k00000000000000000000000";
const recording = "rec_01k00000000000000000000000";

function rig() {
  const source = { timestamp: 0, audioLevel: 0, source: 1, rtpTimestamp: 0 };
  const clock = { nowMs: 1_000_000 };
  const sent: (CallUp & { type: "heard" })[] = [];
  const line = { open: true };
  const buffer = { type: "inbound-rtp", trackIdentifier: "t", jitterBufferDelay: 4800, jitterBufferEmittedCount: 9600 };
  const stats = [buffer, { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.012 }];
  const ear = {
    of: ben,
    receiver: { track: { id: "t" }, getSynchronizationSources: () => [source] },
    connection: { getStats: () => Promise.resolve(stats) },
  } as unknown as Ear;
  const hearing = new Hearing({
    ears: () => [ear],
    nowMs: () => clock.nowMs,
    send: (message) => {
      if (line.open) sent.push(message);
      return line.open;
    },
  });
  const play = (audioLevel: number) => {
    clock.nowMs += 25;
    Object.assign(source, { timestamp: clock.nowMs - 999_000, audioLevel });
    hearing.look();
  };
  return { buffer, hearing, sent, line, play };
}

test("what was played is told with its place on this browser's clock, and what delayed it", async () => {
  const { buffer, hearing, sent, play } = rig();
  hearing.during(recording);
  play(0);
  // What was held back before the first look does not count.
  await new Promise((resolve) => setImmediate(resolve));
  Object.assign(buffer, { jitterBufferDelay: 7200, jitterBufferEmittedCount: 57_600 });
  for (const level of [1, 0.1]) play(level);
  hearing.during(null);
  await vi.waitFor(() => expect(sent).toHaveLength(1));
  const heard = Heard.parse(sent[0]?.heard);
  expect(heard).toEqual({ of: ben, fromMs: 1_000_025, stepsMs: [25, 25], levels: [127, 0, 20], bufferMs: 50, roundTripMs: 12 });
});

test("what could not be sent goes with the next", async () => {
  const { hearing, sent, line, play } = rig();
  line.open = false;
  for (const open of [false, true]) {
    line.open = open;
    hearing.during(recording);
    for (const level of [0, 1]) play(level);
    hearing.during(null);
    await Promise.resolve();
  }
  await vi.waitFor(() => expect(sent).toHaveLength(2));
});

test("nothing is listened to outside of a recording", async () => {
  const { hearing, sent, play } = rig();
  for (const level of [0, 1]) play(level);
  hearing.during(recording);
  hearing.during(null);
  await Promise.resolve();
  expect(sent).toEqual([]);
});

test("a late look does not move what was played", () => {
  const moments = [
    { seenMs: 1008, playedMs: 3, level: 10 },
    { seenMs: 1041, playedMs: 23, level: 10 },
    { seenMs: 1044, playedMs: 43, level: 10 },
  ];
  const apart = withApart([1004], moments);
  const { fromMs, stepsMs } = dated(moments, Math.min(...apart));
  expect([fromMs, stepsMs]).toEqual([1004, [20, 20]]);
});

test("a clock of the browser's that was set is believed anew", () => {
  expect(withApart([1004, 1003], [{ seenMs: 9000, playedMs: 3, level: 10 }])).toEqual([8997]);
});

test("levels are decibels below the loudest", () => {
  expect([1, 0.1, 0.001, 0, 1e-9].map(levelOf)).toEqual([0, 20, 60, 127, 127]);
});
