// How loud everybody else sounds here, moment by moment, while a recording runs: the browser's own figures for each packet it plays, no sound.
// Promise: what it says is small (below 1 kB a second and person), dated by this browser's clock, and may be lost without any harm.
import type { CallUp } from "../../protocol/call.ts";
import { heardMost } from "../../protocol/recording.ts";

/** Somebody who is heard. */
export interface Ear {
  of: string;
  receiver: Pick<RTCRtpReceiver, "getSynchronizationSources" | "track">;
  connection: Pick<RTCPeerConnection, "getStats">;
}

type Message = CallUp & { type: "heard" };

export interface HearingOptions {
  /** Who is heard and recorded right now. */
  ears: () => Ear[];
  /** False: nothing can be sent now. */
  send: (message: Message) => boolean;
  nowMs: () => number;
}

/** Packets last 20 ms; a few that are missed do not matter to words of hundreds. */
const lookMs = 25;
/** One look costs 0.16 ms in Chromium 156: this many at a time, in turns, so that a full room costs no more than four people. */
const earsAtOnce = 3;
const tellMs = 2000;
/** Two people's minute, while there is no socket. */
const unsentMost = 60;
/** Spans in which a page too busy to look in time is expected to have looked once. */
const apartMost = 10;
/** The browser's other clock was set. */
const jumpMs = 1000;
const silence = 127;

interface Moment {
  /** When this one was seen here. */
  seenMs: number;
  /** When the browser says that it was played, on whatever clock it counts by. */
  playedMs: number;
  level: number;
}

interface Listened {
  ear: Ear;
  moments: Moment[];
  /** Of the buffer that evens out the network, as counted so far: seconds of delay, and samples. */
  held: { delay: number; count: number } | null;
  /** How far the clock of `playedMs` was behind ours, at most, in each of the last spans. */
  apart: number[];
}

export class Hearing {
  #recording: string | null = null;
  #looking: ReturnType<typeof setInterval> | null = null;
  #telling: ReturnType<typeof setInterval> | null = null;
  #turn = 0;
  readonly #listened = new Map<string, Listened>();
  #unsent: Message[] = [];

  constructor(readonly options: HearingOptions) {}

  /** The recording that listening is for; null: nothing is recorded of me. What was heard so far is told. */
  during(recording: string | null): void {
    if (recording === this.#recording) return;
    this.#tell();
    this.#recording = recording;
    this.#listened.clear();
    if (this.#looking !== null) clearInterval(this.#looking);
    if (this.#telling !== null) clearInterval(this.#telling);
    this.#looking = recording === null ? null : setInterval(() => this.look(), lookMs);
    this.#telling = recording === null ? null : setInterval(() => this.#tell(), tellMs);
  }

  /** What is being played now. */
  look(): void {
    const ears = this.options.ears();
    for (let count = Math.min(earsAtOnce, ears.length); count > 0; count--) {
      const ear = ears[this.#turn++ % ears.length];
      if (ear) this.#listen(ear);
    }
  }

  close(): void {
    this.during(null);
    this.#unsent = [];
  }

  #listen(ear: Ear): void {
    const source = ear.receiver.getSynchronizationSources()[0];
    if (source?.audioLevel === undefined) return;
    const known = this.#listened.get(ear.of);
    const listened: Listened = known?.ear.receiver === ear.receiver ? known : { ear, moments: [], held: null, apart: [] };
    if (listened !== known) {
      this.#listened.set(ear.of, listened);
      // From here on the buffer is counted.
      void this.#measure(listened);
    }
    const { moments } = listened;
    if (moments.at(-1)?.playedMs === source.timestamp || moments.length >= heardMost) return;
    moments.push({ seenMs: this.options.nowMs(), playedMs: source.timestamp, level: levelOf(source.audioLevel) });
  }

  #tell(): void {
    const recording = this.#recording;
    if (recording === null) return;
    for (const listened of this.#listened.values()) {
      const moments = listened.moments.splice(0);
      if (moments.length < 2) continue;
      listened.apart = withApart(listened.apart, moments);
      const said = { of: listened.ear.of, ...dated(moments, Math.min(...listened.apart)) };
      void this.#measure(listened).then((path) => this.#say({ type: "heard", recording, heard: { ...said, ...path } }));
    }
  }

  /** What delayed the sound since the last time. */
  async #measure(listened: Listened): Promise<{ bufferMs: number | null; roundTripMs: number | null }> {
    const { connection, receiver } = listened.ear;
    let bufferMs: number | null = null;
    let roundTripMs: number | null = null;
    try {
      const report = await connection.getStats();
      report.forEach((one: Record<string, unknown>) => {
        if (one.type === "inbound-rtp" && one.trackIdentifier === receiver.track.id) {
          const held = { delay: Number(one.jitterBufferDelay), count: Number(one.jitterBufferEmittedCount) };
          const before = listened.held;
          if (before && held.count > before.count) bufferMs = within(((held.delay - before.delay) / (held.count - before.count)) * 1000);
          listened.held = held;
        }
        if (one.type === "candidate-pair" && one.nominated && typeof one.currentRoundTripTime === "number")
          roundTripMs = within(one.currentRoundTripTime * 1000);
      });
    } catch (error) {
      // The connection ended meanwhile: what was heard before counts.
      console.debug("hearing: no figures of the connection", error);
    }
    return { bufferMs, roundTripMs };
  }

  #say(message: Message): void {
    this.#unsent = [...this.#unsent, message].slice(-unsentMost);
    while (this.#unsent[0] && this.options.send(this.#unsent[0])) this.#unsent.shift();
  }
}

/** Which clock `playedMs` counts by differs between browsers; the moment that was seen soonest tells how far apart it is from ours. */
export function withApart(before: readonly number[], moments: readonly Moment[]): number[] {
  const now = Math.min(...moments.map(({ seenMs, playedMs }) => seenMs - playedMs));
  return [...before.filter((apart) => Math.abs(apart - now) < jumpMs), now].slice(-apartMost);
}

/** By this browser's clock. */
export function dated(moments: readonly Moment[], apartMs: number): Pick<Message["heard"], "fromMs" | "stepsMs" | "levels"> {
  const times = moments.map(({ playedMs }) => playedMs + apartMs);
  const fromMs = times[0] ?? 0;
  const stepsMs: number[] = [];
  let atMs = fromMs;
  for (const time of times.slice(1)) {
    const step = Math.max(0, Math.min(10_000, Math.round(time - atMs)));
    stepsMs.push(step);
    atMs += step;
  }
  return { fromMs, stepsMs, levels: moments.map(({ level }) => level) };
}

/** 0 (loudest) to 127 dB below it. */
export function levelOf(audioLevel: number): number {
  return audioLevel <= 0 ? silence : Math.max(0, Math.min(silence, Math.round(-20 * Math.log10(audioLevel))));
}

/** What the wire takes; null for what makes no sense. */
function within(ms: number): number | null {
  return Number.isFinite(ms) && ms >= 0 && ms <= 60_000 ? Math.round(ms * 10) / 10 : null;
}
