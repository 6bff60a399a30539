// The one table of what browsers do to time: when media time 0 was, and how late they stamp sound. Measured, never guessed; a bench measures it again.
import type { SegmentFacts } from "../../protocol/recording.ts";

export interface Calibration {
  /** Added to the browser's clock at the `start()` call, when no other rule applies: media time 0. */
  afterCallMs: number;
  /** Added to the `start` event's clock; null where that event says less than the call. */
  afterEventMs: number | null;
  /** Clock of the first sound packet minus the `start()` call; null where the first sound says nothing. */
  firstAudioMs: number | null;
  /** Added to the time of sound: what this browser stamps late against its picture. */
  audioShiftMs: number;
  /** How far media time 0 was off in the runs that gave these numbers: by the best rule, and by the `start()` call alone. */
  uncertaintyMs: number;
  callUncertaintyMs: number;
  /** How long `eventMs - last media time` must stay up before it counts as lost time. */
  slipMs: number;
  source: string;
}

const chromiumWebm: Calibration = {
  afterCallMs: 17,
  afterEventMs: null,
  firstAudioMs: 48,
  audioShiftMs: -57,
  uncertaintyMs: 4,
  callUncertaintyMs: 18,
  // Its timestamps are the capture's own (0.0 ms off after 300 s under load): late chunks only tell of a starved machine.
  slipMs: Number.POSITIVE_INFINITY,
  source: "Chromium 156, camera and microphone from files, 6 runs, 2026-11: zero within -3..+4 ms, sound +57..+59 ms",
};

const chromiumMp4: Calibration = {
  ...chromiumWebm,
  firstAudioMs: null,
  // Picture and sound both begin at 0 and the relation is lost: the middle of what was seen.
  audioShiftMs: -32,
  uncertaintyMs: 18,
  source: "Chromium 156, as above, 2 runs, 2026-11: sound +14..+50 ms, different in each run",
};

/** PCM is handed over every 10 ms, not gathered for 60: what was measured of Opus does not hold. */
const chromiumPcm: Calibration = { ...chromiumWebm, firstAudioMs: null, audioShiftMs: 0, uncertaintyMs: 18, source: "never measured" };

const firefoxWebm: Calibration = {
  afterCallMs: 7,
  afterEventMs: -2.5,
  firstAudioMs: null,
  audioShiftMs: -18,
  uncertaintyMs: 12,
  callUncertaintyMs: 20,
  slipMs: 60,
  source: "Firefox ESR 153, 6 runs without a slip, 2026-11: `start` event -24..+11 ms about +2.5; sound one run, +18 ms",
};

const unknown: Calibration = {
  afterCallMs: 17,
  afterEventMs: null,
  firstAudioMs: null,
  audioShiftMs: 0,
  uncertaintyMs: 60,
  callUncertaintyMs: 60,
  slipMs: 80,
  source: "never measured",
};

export function calibrationOf(facts: SegmentFacts): Calibration {
  if (facts.browser === "chromium") {
    if (facts.mimeType.includes("pcm")) return chromiumPcm;
    return facts.mimeType.includes("mp4") ? chromiumMp4 : chromiumWebm;
  }
  return facts.browser === "firefox" ? firefoxWebm : unknown;
}

/** Camera frames come up to one frame time after the call, and sound never decides beyond it: outside of this the first sound was late itself. */
const firstAudioRange = { fromMs: -10, toMs: 60 };

/** The browser's clock at media time 0, and how far that may be off. `firstAudioMs`: media time of the first sound, null when there is none. */
export function zeroOf(facts: SegmentFacts, firstAudioMs: number | null): { browserMs: number; uncertaintyMs: number } {
  const calibration = calibrationOf(facts);
  if (calibration.firstAudioMs !== null && firstAudioMs !== null) {
    const afterCall = calibration.firstAudioMs - firstAudioMs;
    if (afterCall >= firstAudioRange.fromMs && afterCall <= firstAudioRange.toMs)
      return { browserMs: facts.startCallMs + afterCall, uncertaintyMs: calibration.uncertaintyMs };
  }
  if (calibration.afterEventMs !== null && facts.startEventMs !== null)
    return { browserMs: facts.startEventMs + calibration.afterEventMs, uncertaintyMs: calibration.uncertaintyMs };
  return { browserMs: facts.startCallMs + calibration.afterCallMs, uncertaintyMs: calibration.callUncertaintyMs };
}
