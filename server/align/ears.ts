// Who heard whom, and how loud everybody was: gathered while a recording runs, and judged when there is enough of it.
// Promise: bounded in memory and on the disk; losing any of it loses a check of the clocks, never a recording.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type ClockSample, Heard } from "../../protocol/recording.ts";
import type { Hearing, TimelineTrack } from "../../protocol/timeline.ts";
import type { Disk } from "../store/disk.ts";
import { writeAll } from "../store/files.ts";
import { type ClockFit, fitClock, serverMsOf } from "./clock.ts";
import { type Ear, hearingOf, type Pair, pairOf } from "./hearing.ts";
import { type Block, gridMs, lagOf, loudnessOf, type Voice } from "./lag.ts";
import { atMsOf } from "./map.ts";

/** A stretch of a segment's sound: one level in dB below full scale every 10 ms of its media time. */
export interface VoicePiece {
  segment: string;
  fromMediaMs: number;
  levels: ArrayLike<number>;
}

/** A camera's track, as the clocks (and verdicts so far) place it. */
export interface Listener {
  track: TimelineTrack;
  /** By the clocks alone. */
  uncertaintyMs: number;
  /** What was taken off its times already. */
  correctionMs: number;
  browser: string;
  /** Segments in the order of their start, with what dates them. */
  clocks: readonly { startMs: number; samples: readonly ClockSample[] }[];
}

export interface JudgedRecording {
  id: string;
  zeroMs: number;
  epoch: string;
  listeners: readonly Listener[];
}

const levelMs = 10;
/** Kept of one person heard by one other: spans of about 2 s in which somebody spoke, spread over the whole recording. */
const spansMost = 80;
/** A span counts when so many of its moments are speech. */
const momentsMin = 5;
const spokenLevel = 36;
/** Of one listener on the disk: about ten hours of two people. */
const fileMostBytes = 8 * 1024 * 1024;
/** What is heard of one another grows at least by this, recording time, between two judgements of what is not certain yet … */
const judgeEveryMs = 8000;
/** … and this much is needed for the first. */
const judgeFirstMs = 12_000;
const rangeLeastMs = { early: 1000, late: 2000 };
const rangeMostMs = 6000;

interface Spans {
  kept: Heard[];
  /** Every so many-th span is kept. */
  every: number;
  seen: number;
}

interface Gathered {
  /** By listening track and participant heard. */
  heard: Map<string, Map<string, Spans>>;
  voices: Map<string, VoicePiece[]>;
  /** Recording time that voices reach to, and at which the next judgement is due. */
  reachMs: number;
  dueMs: number;
  /** Listeners whose file was read. */
  read: Set<string>;
  pairs: Map<string, Pair>;
  /** Sizes of the listeners' files. */
  bytes: Map<string, number>;
}

export class Ears {
  readonly #recordings = new Map<string, Gathered>();
  #writing: Promise<void> = Promise.resolve();

  /** `onTrouble`: something heard could not be kept. */
  constructor(
    readonly disk: Disk,
    readonly onTrouble: (track: string, error: unknown) => void,
  ) {}

  /** A browser says how somebody sounded; `trackId`: its own camera's. */
  hear(recordingId: string, trackId: string, heard: Heard): void {
    const spoken = heard.levels.filter((level) => level < spokenLevel).length;
    if (spoken < momentsMin || heard.stepsMs.length !== heard.levels.length - 1) return;
    this.#add(recordingId, trackId, heard);
    this.#writing = this.#writing.then(() => this.#keep(recordingId, trackId, heard)).catch((error) => this.onTrouble(trackId, error));
  }

  /** How loud somebody was in a window of the film. */
  loud(recordingId: string, voices: readonly VoicePiece[]): void {
    const gathered = this.#of(recordingId);
    for (const voice of voices) {
      const known = gathered.voices.get(voice.segment) ?? [];
      // A window that was composed again.
      const others = known.filter(({ fromMediaMs }) => Math.abs(fromMediaMs - voice.fromMediaMs) > levelMs);
      gathered.voices.set(voice.segment, [...others, { ...voice, levels: Uint8Array.from(voice.levels) }]);
    }
  }

  /** Verdicts by track. Null: there is nothing new to judge by. */
  async judge({ id, zeroMs, epoch, listeners }: JudgedRecording): Promise<Map<string, Hearing> | null> {
    const gathered = this.#recordings.get(id);
    if (!gathered || gathered.voices.size === 0) return null;
    gathered.reachMs = Math.max(...listeners.map(({ track }) => reachOf(track, gathered.voices)));
    if (gathered.reachMs < gathered.dueMs) return null;
    await Promise.all(listeners.map(({ track }) => this.#read(id, track.id)));
    let open = false;
    for (const [index, a] of listeners.entries())
      for (const b of listeners.slice(index + 1)) {
        const pair = this.#compare(gathered, a, b, { zeroMs, epoch });
        if (pair) gathered.pairs.set(`${a.track.id} ${b.track.id}`, pair);
        else open = true;
        // Signalling has to answer pings in between.
        await setImmediate();
      }
    gathered.dueMs = open ? gathered.reachMs + Math.max(judgeEveryMs, gathered.reachMs / 8) : gathered.reachMs * 2;
    const placed = listeners.map(({ track, uncertaintyMs }) => ({ id: track.id, uncertaintyMs }));
    return hearingOf(placed, [...gathered.pairs.values()]);
  }

  forget(recordingId: string): void {
    this.#recordings.delete(recordingId);
  }

  /** Everything that was heard so far is in its file. */
  settled(): Promise<void> {
    return this.#writing;
  }

  #compare(gathered: Gathered, a: Listener, b: Listener, origin: { zeroMs: number; epoch: string }): Pair | null {
    const [aHearsB, bHearsA] = [earOf(gathered, a, b, origin), earOf(gathered, b, a, origin)];
    const pair = aHearsB && bHearsA ? pairOf(a.track.id, b.track.id, aHearsB, bHearsA) : null;
    return pair && { ...pair, errorMs: pair.errorMs + a.correctionMs - b.correctionMs };
  }

  #of(recordingId: string): Gathered {
    const known = this.#recordings.get(recordingId);
    if (known) return known;
    const fresh: Gathered = {
      heard: new Map(),
      voices: new Map(),
      reachMs: 0,
      dueMs: judgeFirstMs,
      read: new Set(),
      pairs: new Map(),
      bytes: new Map(),
    };
    this.#recordings.set(recordingId, fresh);
    return fresh;
  }

  #add(recordingId: string, trackId: string, heard: Heard): void {
    const gathered = this.#of(recordingId);
    const mine = gathered.heard.get(trackId) ?? new Map<string, Spans>();
    gathered.heard.set(trackId, mine);
    const spans = mine.get(heard.of) ?? { kept: [], every: 1, seen: 0 };
    mine.set(heard.of, spans);
    if (spans.seen++ % spans.every !== 0) return;
    spans.kept.push(heard);
    if (spans.kept.length <= spansMost) return;
    spans.kept = spans.kept.filter((_, index) => index % 2 === 0);
    spans.every *= 2;
  }

  async #keep(recordingId: string, trackId: string, heard: Heard): Promise<void> {
    const path = this.#file(recordingId, trackId);
    const line = Buffer.from(`${JSON.stringify(heard)}\n`);
    const known = this.#recordings.get(recordingId)?.bytes;
    await this.disk.makeFolder(dirname(path));
    const file = await this.disk.files.open(path, "a+");
    try {
      const bytes = (known?.get(trackId) ?? (await file.size())) + line.length;
      if (bytes > fileMostBytes) return;
      await writeAll(file, [line]);
      known?.set(trackId, bytes);
    } finally {
      await file.close();
    }
  }

  /** What an earlier process kept; once, and only where this one heard nothing before. */
  async #read(recordingId: string, trackId: string): Promise<void> {
    const gathered = this.#of(recordingId);
    if (gathered.read.has(trackId)) return;
    gathered.read.add(trackId);
    if (gathered.heard.has(trackId)) return;
    const text = await readFile(this.#file(recordingId, trackId), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") this.onTrouble(trackId, error);
      return "";
    });
    for (const line of text.split("\n")) {
      const heard = parsed(line);
      if (heard) this.#add(recordingId, trackId, heard);
    }
  }

  #file(recordingId: string, trackId: string): string {
    return join(this.disk.recording(recordingId), this.disk.heardName(trackId));
  }
}

/** A torn line is passed over. */
function parsed(line: string): Heard | null {
  if (!line.endsWith("}")) return null;
  try {
    return Heard.parse(JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError || (error as Error).name === "$ZodError") return null;
    throw error;
  }
}

function reachOf(track: TimelineTrack, voices: ReadonlyMap<string, readonly VoicePiece[]>): number {
  const ends = track.segments.flatMap(({ id, map }) =>
    (voices.get(id) ?? []).map(({ fromMediaMs, levels }) => atMsOf(map, fromMediaMs + levels.length * levelMs)),
  );
  return ends.reduce((most, end) => Math.max(most, end), 0);
}

/** How late `speaker` is heard by `listener`. Null: not certain. */
function earOf(gathered: Gathered, listener: Listener, speaker: Listener, origin: { zeroMs: number; epoch: string }): Ear | null {
  const all = gathered.heard.get(listener.track.id)?.get(speaker.track.participant.id)?.kept ?? [];
  const known = all.filter(({ bufferMs }) => bufferMs !== null);
  const buffered = known.length * 2 > all.length;
  // With and without what was held back do not lie side by side.
  const spans = buffered ? known : all;
  const voice = voiceOf(speaker.track, gathered.voices);
  if (spans.length === 0 || !voice) return null;
  const fits = listener.clocks.map(({ startMs, samples }) => ({ startMs, fit: fitClock(samples, origin.epoch) }));
  const blocks = spans.flatMap((span) => {
    const fit = (fits.findLast(({ startMs }) => startMs <= span.fromMs) ?? fits[0])?.fit;
    return fit ? [blockOf(span, fit, origin.zeroMs + listener.correctionMs, buffered ? (span.bufferMs ?? 0) : 0)] : [];
  });
  const doubtMs = Math.min(rangeMostMs, listener.uncertaintyMs + speaker.uncertaintyMs);
  const lag = lagOf(blocks, voice, { fromMs: -rangeLeastMs.early - doubtMs, toMs: rangeLeastMs.late + doubtMs });
  if (!lag) return null;
  const trips = spans.flatMap(({ roundTripMs }) => (roundTripMs === null ? [] : [roundTripMs]));
  const held = known.map(({ bufferMs }) => bufferMs ?? 0).toSorted((a, b) => a - b);
  const heldMs = buffered ? (held[held.length >> 1] ?? null) : null;
  return { lag, heldMs, roundTripMs: trips.length > 0 ? Math.min(...trips) : null, browser: listener.browser };
}

/** On the recording's clock, as if nothing had held the sound back. */
function blockOf(heard: Heard, fit: ClockFit, zeroMs: number, heldMs: number): Block {
  const atMs = new Float64Array(heard.levels.length);
  let browserMs = heard.fromMs;
  for (let index = 0; index < atMs.length; index++) {
    if (index > 0) browserMs += heard.stepsMs[index - 1] ?? 0;
    atMs[index] = serverMsOf(fit, browserMs) - zeroMs - heldMs;
  }
  return { atMs, loudness: Float32Array.from(heard.levels, loudnessOf) };
}

/** Null: nothing of it was decoded yet. */
function voiceOf(track: TimelineTrack, voices: ReadonlyMap<string, readonly VoicePiece[]>): Voice | null {
  const pieces = track.segments.flatMap(({ id, map, soundMap = map, audioShiftMs }) =>
    (voices.get(id) ?? []).map(({ fromMediaMs, levels }) => ({
      levels,
      atMs: (index: number) => atMsOf(soundMap, fromMediaMs + (index + 0.5) * levelMs) + audioShiftMs,
    })),
  );
  if (pieces.length === 0) return null;
  const fromMs = Math.min(...pieces.map(({ atMs }) => atMs(0)));
  const toMs = Math.max(...pieces.map(({ atMs, levels }) => atMs(levels.length - 1)));
  const loudness = new Float32Array(Math.ceil((toMs - fromMs) / gridMs) + 1).fill(Number.NaN);
  for (const { levels, atMs } of pieces)
    for (let index = 1; index < levels.length; index++) {
      const [before, after] = [atMs(index - 1), atMs(index)];
      const [low, high] = [loudnessOf(levels[index - 1]!), loudnessOf(levels[index]!)];
      if (after - before > 4 * levelMs) continue;
      for (let place = Math.ceil((before - fromMs) / gridMs); place * gridMs + fromMs <= after; place++)
        loudness[place] = low + ((high - low) * (place * gridMs + fromMs - before)) / Math.max(after - before, 1);
    }
  return { fromMs, loudness };
}
