import { expect, test } from "vitest";
import type { TimelineTrack } from "../../protocol/timeline.ts";
import { peaksOf } from "./peaks.ts";

function track(segments: { id: string; atMs: number; audioShiftMs?: number }[]): TimelineTrack {
  const whole = segments.map(({ id, atMs, audioShiftMs = 0 }) => ({ id, map: [{ mediaMs: 0, atMs }], audioShiftMs }));
  return { segments: whole } as unknown as TimelineTrack;
}

test("each level is the loudest of its twentieth of a second, where the film has it", () => {
  const measured = new Map([["a", [{ segment: "a", fromMediaMs: 0, levels: [60, 50, 40, 70, 80, 30, 90, 90, 90, 90] }]]]);
  expect(peaksOf(track([{ id: "a", atMs: 100 }]), measured, 300)).toEqual({ perSecond: 20, levels: [127, 127, 40, 30, 127, 127] });
});

test("sound that is stamped late is drawn where it is heard, and what lies outside the film is left out", () => {
  const measured = new Map([["a", [{ segment: "a", fromMediaMs: 0, levels: new Array(20).fill(20) }]]]);
  expect(peaksOf(track([{ id: "a", atMs: 0, audioShiftMs: -50 }]), measured, 100).levels).toEqual([20, 20]);
  expect(peaksOf(track([{ id: "b", atMs: 0 }]), measured, 100).levels).toEqual([127, 127]);
});
