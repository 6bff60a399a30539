// The one table of what browsers do to time: when media time 0 was, and how late they stamp sound. Measured, never guessed; a bench measures it again.
import type { SegmentFacts } from "../../protocol/recording.ts";
import type { Began } from "./readings.ts";

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
  /** The same where the iteration of the graph is known that the recorder began with; null: it has none. */
  beganUncertaintyMs: number | null;
  /** By how much `eventMs - last media time` must rise, and stay, before it counts as lost time. Infinity: this browser loses none. */
  slipMs: number;
  /** How far off a track is where lost time was put right, beside what nobody can know of the place where it was lost: by readings of the recorder's
   * own clock, and by chunks alone; and what chunks alone do not see. */
  readUncertaintyMs: number;
  chunkUncertaintyMs: number;
  unseenMs: number;
  /** Once there is so much sound, pictures are stamped by the recorder's own clock as sound always is; before, by the browser's. Null: always by
   * the browser's. `shiftMs`: added to pictures from there on, for they follow the sound block by block. `encodedMs`: so long after a picture was taken
   * it is stamped. `leadMs`: the first that does is stamped so long before what the sound had lost by then is added, give or take `withinMs`. `handedMs`: of a
   * graph that loses next to nothing a picture is stamped so long after an iteration began, when all that it computes counts as sound, beside `shiftMs`.
   * `uncertaintyMs`: how far they are off then, beside `beganUncertaintyMs`: some wait for one iteration and some for the next. */
  followSound: {
    afterMs: number;
    shiftMs: number;
    encodedMs: number;
    leadMs: number;
    withinMs: number;
    handedMs: number;
    uncertaintyMs: number;
  } | null;
  source: string;
}

const chromiumWebm: Calibration = {
  afterCallMs: 17,
  afterEventMs: null,
  firstAudioMs: 46,
  audioShiftMs: -57,
  uncertaintyMs: 5,
  callUncertaintyMs: 18,
  beganUncertaintyMs: null,
  // Its timestamps are the capture's own (0.0 ms off after 300 s under load): late chunks only tell of a starved machine.
  slipMs: Number.POSITIVE_INFINITY,
  readUncertaintyMs: 0,
  chunkUncertaintyMs: 0,
  unseenMs: 0,
  followSound: null,
  source: "Chromium 156, camera and microphone from files, 12 runs, 2026-11: zero within -5..+5 ms, sound +57..+59 ms",
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
  afterEventMs: 1,
  firstAudioMs: null,
  audioShiftMs: -21,
  // 12, and what one picture in a hundred hops beside it.
  uncertaintyMs: 20,
  callUncertaintyMs: 28,
  // 3 as a rule, and what one picture in a hundred hops.
  beganUncertaintyMs: 15,
  slipMs: 60,
  // 15, and what two whole readings beside a page that stood still may hide (`truth.test.ts`, blind).
  readUncertaintyMs: 18,
  // A run that lost 7.9 s in 300 s: ±35 ms, p95.
  chunkUncertaintyMs: 50,
  // Less than `slipMs` is not called lost, and an event comes 30 to 110 ms after its media: it may hide in the difference, too.
  unseenMs: 140,
  followSound: { afterMs: 10_000, shiftMs: -3, encodedMs: 35, leadMs: 47, withinMs: 70, handedMs: 5, uncertaintyMs: 4 },
  source:
    "Firefox ESR 153, 2026-11. Start: 24 runs, quiet and starved, `start` event -8..+1.5 ms; 45 runs, two starved cores, the iteration of the graph: 38 within 3 ms " +
    "(`readings.ts`). Sound: 18 tracks, the same cores, -25..-4 ms, in the middle -20; 38 whose graphs were served in time, -26..-16, in the middle -22; 30 tracks that lost nothing, five cores, -27 by a zero from the event, which comes 4 ms late. Pictures after 10 s of " +
    "sound: nine tracks of 30 s that lost time all along, 2800 pictures, encoded 35 to 40 ms after they were taken, then -3..+2 ms in the middle, 5 ms off as a " +
    "rule and 23 in one of a hundred away from losses. Handed: 2700 pictures in takes of 12 to 26 s that lost up to one part in a hundred, three of four stamped " +
    "14 to 20 ms of blocks of 18.7 early, in the middle 17. Lead: 65 hops, one and two Firefoxes, quiet and starved, -9..+99 ms",
};

const unknown: Calibration = {
  afterCallMs: 17,
  afterEventMs: null,
  firstAudioMs: null,
  audioShiftMs: 0,
  uncertaintyMs: 60,
  callUncertaintyMs: 60,
  beganUncertaintyMs: null,
  slipMs: 80,
  readUncertaintyMs: 0,
  chunkUncertaintyMs: 35,
  unseenMs: 0,
  followSound: null,
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
/** Now and then the first picture was taken before the call: once by 17 ms, where sound said 26. */
const takenBeforeMs = 33;

/** A recorder whose `start` event came later than this was begun by a machine that had no time for it. The first sound may then have been late
 * itself, as a rule not at all and never by more than this share of the lateness: eleven runs on a starved machine, events 56 to 1023 ms late, zero
 * within ±5.4 ms but for one (26 ms, 295 ms late), Chromium 156, 2026-11. */
const promptMs = 60;
const lateShare = 0.25;
const lateMostMs = 100;

/** Chunks that came at once say no more than this: Firefox stamps sound some 27 ms late, and what `stop()` flushes comes as soon as it is recorded. */
const lateMs = 35;

/** The browser's clock at media time 0, and how far that may be off. */
export interface Zero {
  browserMs: number;
  uncertaintyMs: number;
  /** By the first sound alone, where that is not believed by itself. */
  bySoundMs?: number;
}

/** A machine that sent the event late begins late, too: once 24 ms after it. */
const afterLateMs = 12;

/** A page that had turns so close together did not keep the event waiting to speak of. */
const stoodMs = 30;

/** An event that may have waited for a page that stood still says no more than that the recorder had begun; it did so soon after it was asked for. */
function zeroByEvent(facts: SegmentFacts, byEvent: number, { afterCallMs, uncertaintyMs }: Calibration): Zero {
  const { startCallMs, startedMs = startCallMs, startSinceMs = byEvent } = facts;
  const waited = byEvent - startSinceMs > stoodMs;
  return {
    browserMs: waited ? Math.min(byEvent, Math.max(startCallMs + afterCallMs, startedMs, startSinceMs)) : byEvent,
    // Of 53 starts on busy machines two were 31 and 75 ms before the page's last turn, two 15 and 24 ms after the event: it is less sure than it looks.
    uncertaintyMs: Math.max(uncertaintyMs, byEvent - startCallMs - afterCallMs + afterLateMs),
  };
}

function startedLateMs({ startCallMs, startEventMs }: SegmentFacts): number {
  const afterCallMs = (startEventMs ?? Number.POSITIVE_INFINITY) - startCallMs;
  return Math.min(lateMostMs, Math.max(0, (afterCallMs - promptMs) * lateShare));
}

/** The first sound was late, or the first picture before the call: nothing tells which. */
function between(facts: SegmentFacts, afterCall: number, { afterCallMs, uncertaintyMs }: Calibration): Zero {
  const halfMs = (afterCallMs - afterCall) / 2;
  const bySoundMs = facts.startCallMs + afterCall;
  return { browserMs: bySoundMs + halfMs, uncertaintyMs: uncertaintyMs + halfMs + startedLateMs(facts), bySoundMs };
}

/** `firstAudioMs`: media time of the first sound, null when there is none. `latestMs`: media time 0 was no later, for a chunk was handed over then.
 * `began`: the iteration of the graph that the recorder began with, where its thread told of it. */
export function zeroOf(facts: SegmentFacts, firstAudioMs: number | null, latestMs: number, began: Began | null = null): Zero {
  const calibration = calibrationOf(facts);
  if (calibration.firstAudioMs !== null && firstAudioMs !== null) {
    const afterCall = calibration.firstAudioMs - firstAudioMs;
    if (afterCall >= firstAudioRange.fromMs && afterCall <= firstAudioRange.toMs)
      return { browserMs: facts.startCallMs + afterCall, uncertaintyMs: calibration.uncertaintyMs + startedLateMs(facts) };
    if (afterCall < firstAudioRange.fromMs && afterCall >= -takenBeforeMs) return between(facts, afterCall, calibration);
  }
  if (began && calibration.beganUncertaintyMs !== null && began.browserMs <= latestMs + lateMs)
    return { browserMs: began.browserMs, uncertaintyMs: calibration.beganUncertaintyMs + began.orMs };
  const byEvent = calibration.afterEventMs === null || facts.startEventMs === null ? null : facts.startEventMs + calibration.afterEventMs;
  // A page that was busy hears of the start late, but not later than of what came after it.
  if (byEvent !== null && byEvent <= latestMs + lateMs) return zeroByEvent(facts, byEvent, calibration);
  return { browserMs: Math.min(facts.startCallMs + calibration.afterCallMs, latestMs), uncertaintyMs: calibration.callUncertaintyMs };
}
