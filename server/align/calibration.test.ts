import { expect, test } from "vitest";
import type { SegmentFacts } from "../../protocol/recording.ts";
import { zeroOf } from "./calibration.ts";

const callMs = 1_800_000_000_000;
const facts: SegmentFacts = {
  browser: "chromium",
  version: 156,
  mimeType: "video/webm;codecs=h264,opus",
  startCallMs: callMs,
  startEventMs: callMs + 50,
};
const zero = (firstAudioMs: number | null) => {
  const { browserMs, uncertaintyMs } = zeroOf(facts, firstAudioMs, Number.POSITIVE_INFINITY);
  return { afterMs: browserMs - callMs, uncertaintyMs };
};

test("Chromium's first sound says when its file begins", () => {
  expect(zero(26)).toEqual({ afterMs: 20, uncertaintyMs: 5 });
});

test("a first sound that is too late is not believed: the call is", () => {
  expect(zero(400)).toEqual(zero(null));
});

test("where the first picture may have been taken before the call both possibilities are within what is stated", () => {
  const { afterMs, uncertaintyMs } = zero(72);
  for (const possible of [-26, -16.6, 17]) expect(Math.abs(afterMs - possible)).toBeLessThanOrEqual(uncertaintyMs);
  expect(uncertaintyMs).toBeLessThan(30);
});
