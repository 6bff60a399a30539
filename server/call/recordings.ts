// When a recording starts and stops, whose track is whose, and when somebody is no longer waited for.
// Promise: what is decided here is in the catalog before anybody hears of it; a restart goes on with what stands there.
import type { Logger } from "pino";
import { UserError } from "../../protocol/errors.ts";
import type { NamePlate } from "../../protocol/plate.ts";
import type { TrackSource } from "../../protocol/recording.ts";
import type { Catalog, RecordingRow, TrackRow } from "../store/catalog.ts";
import { epoch, serverMs } from "./clock.ts";

export interface RecordingsOptions {
  catalog: Catalog;
  log: Logger;
  /** How long somebody who vanished is waited for, ms. */
  graceMs: number;
  /** Does this participant have a signalling socket now? */
  present: (roomId: string, participantId: string) => boolean;
  /** Is anybody in the room now? */
  occupied: (roomId: string) => boolean;
  /** Does this track have an upload socket now? */
  uploading: (trackId: string) => boolean;
  /** How long nothing of this track has arrived, ms. */
  quietMs: (trackId: string) => number;
  /** Recording time up to which something has arrived; ends a recording that everybody left by accident. */
  reachMs: (recordingId: string) => number;
  /** A track is about to be sent; `plate`: what its participant is called. Must not throw. */
  onTicket?: (track: TrackRow, plate: NamePlate) => Promise<void>;
  /** One begins; nobody has heard of it yet. */
  onStarting?: (recording: RecordingRow) => Promise<void>;
  onStarted: (recording: RecordingRow) => void;
  onStopped: (recording: RecordingRow) => void;
  /** Paused or resumed. */
  onPaused: (recording: RecordingRow) => void;
  onAdvance: (recordingId: string) => void;
}

/** After Stop, an open socket that carries nothing is believed for so many graces, and for at least this long, ms: a page may be frozen. */
const idleGraces = 10;
const idleLeastMs = 60_000;
/** How much further than the clock a recording's media may reach. */
const beliefMs = 3_600_000;

export class Recordings {
  readonly #options: RecordingsOptions;
  /** Unfinished business: recordings that run, or whose tracks are not all closed. */
  readonly #watched = new Set<string>();
  /** When a track or an occupied room was last seen, server clock; absent: since this process started. */
  readonly #seenAt = new Map<string, number>();
  readonly #bornAt = serverMs();
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  /** Looks after what is unfinished every `everyMs`. */
  watch(everyMs: number): void {
    this.#timer = setInterval(() => {
      this.#sweeping = this.#sweeping.then(() => this.sweep());
    }, everyMs);
  }

  async close(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#sweeping;
  }

  running(roomId: string): Promise<RecordingRow | undefined> {
    return this.#options.catalog.runningRecording(roomId);
  }

  async start(roomId: string): Promise<RecordingRow> {
    const { catalog } = this.#options;
    if (await catalog.runningRecording(roomId)) throw new UserError("already-recording", "This room is being recorded already.");
    const recording = await catalog.addRecording({ roomId, startedAt: Date.now(), zeroMs: serverMs(), epoch });
    this.#watched.add(recording.id);
    this.#seenAt.set(recording.id, serverMs());
    await this.#options.onStarting?.(recording);
    this.#options.log.info({ room: roomId, recording: recording.id }, "recording started");
    this.#options.onStarted(recording);
    return recording;
  }

  /** Since when it is paused, recording time; null: it is not. */
  async pausedMs(recordingId: string): Promise<number | null> {
    const pauses = await this.#options.catalog.pauses(recordingId);
    return pauses.find((pause) => pause.toMs === null)?.fromMs ?? null;
  }

  /** How long the pauses that are over were, together. */
  async pausesMs(recordingId: string): Promise<number> {
    const pauses = await this.#options.catalog.pauses(recordingId);
    return pauses.reduce((sum, { fromMs, toMs }) => sum + (toMs ?? fromMs) - fromMs, 0);
  }

  /** From now on nothing is recorded of anybody, until `resume`; the recording's clock goes on. */
  async pause(recordingId: string): Promise<void> {
    const recording = await this.#require(recordingId);
    if (recording.durationMs !== null || (await this.pausedMs(recordingId)) !== null) return;
    await this.#options.catalog.pause(recordingId, Math.round(elapsedMs(recording)));
    this.#options.log.info({ room: recording.roomId, recording: recordingId }, "recording paused");
    this.#options.onPaused(recording);
  }

  async resume(recordingId: string): Promise<void> {
    const recording = await this.#require(recordingId);
    if (recording.durationMs !== null || (await this.pausedMs(recordingId)) === null) return;
    await this.#options.catalog.resume(recordingId, Math.round(elapsedMs(recording)));
    this.#options.log.info({ room: recording.roomId, recording: recordingId }, "recording resumed");
    this.#options.onPaused(recording);
  }

  /** The first Stop counts; a second one answers the same. `atMs`: recording time; unless given now, or when it was paused: a film does not end with a
   * pause. */
  async stop(recordingId: string, atMs?: number): Promise<RecordingRow> {
    const { catalog } = this.#options;
    const before = await this.#require(recordingId);
    if (before.durationMs !== null) return before;
    const endMs = Math.max(0, Math.round(atMs ?? (await this.pausedMs(recordingId)) ?? elapsedMs(before)));
    await catalog.resume(recordingId, endMs);
    await catalog.stopRecording(recordingId, endMs);
    const recording = await this.#require(recordingId);
    const now = serverMs();
    for (const track of await catalog.tracks(recordingId)) this.#seenAt.set(track.id, now);
    this.#options.log.info({ room: recording.roomId, recording: recordingId, durationMs: recording.durationMs }, "recording stopped");
    this.#options.onStopped(recording);
    this.#options.onAdvance(recordingId);
    return recording;
  }

  /** The one track of this participant and source. Refused after Stop: nothing new may begin. */
  async ticket(recordingId: string, participantId: string, source: TrackSource, plate: NamePlate | null = null): Promise<TrackRow> {
    const recording = await this.#require(recordingId);
    if (recording.durationMs !== null) throw new UserError("not-recording", "This recording is over.");
    const track = await this.#options.catalog.trackFor(recordingId, participantId, source);
    this.#seenAt.set(track.id, serverMs());
    // Before anything can be sent, so that no picture of it is composed without.
    if (plate) await this.#options.onTicket?.(track, plate);
    this.#options.onAdvance(recordingId);
    return track;
  }

  /** Somebody wants to send this track, be it long after the call. */
  heard(trackId: string): void {
    this.#seenAt.set(trackId, serverMs());
  }

  /** A deleted recording needs nobody's attention. */
  forget(recordingId: string): void {
    this.#watched.delete(recordingId);
    this.#seenAt.delete(recordingId);
  }

  /** More came for a track that was given up on or ended; or an earlier process left it. */
  reopened(recordingId: string): void {
    this.#watched.add(recordingId);
  }

  async sweep(): Promise<void> {
    for (const id of [...this.#watched]) {
      try {
        const recording = await this.#options.catalog.recording(id);
        if (!recording) this.forget(id);
        else await this.#look(recording);
      } catch (error) {
        // What is wrong with one is no reason to leave the others alone; it is looked at again with the next round.
        this.#options.log.error({ recording: id, err: error }, "sweep");
      }
    }
  }

  async #look(recording: RecordingRow): Promise<void> {
    const { catalog, occupied, reachMs, graceMs, log, onAdvance } = this.#options;
    if (recording.durationMs === null) {
      if (occupied(recording.roomId)) this.#seenAt.set(recording.id, serverMs());
      else if (this.#missingMs(recording.id) > graceMs) {
        log.info({ room: recording.roomId, recording: recording.id }, "everybody left; the recording is stopped");
        // A file may say any time; wall clocks that were set between two boots are off by less than this.
        const mostMs = elapsedMs(recording) + beliefMs;
        await this.stop(recording.id, Math.min(reachMs(recording.id) || elapsedMs(recording), mostMs));
        return;
      }
    }
    let open = recording.durationMs === null;
    for (const track of await catalog.tracks(recording.id)) {
      if (await this.#closed(recording, track)) continue;
      open = true;
    }
    // Time alone moves the film on: past who went quiet, and along with who has nothing new to show.
    if (open) onAdvance(recording.id);
    else this.#watched.delete(recording.id);
  }

  /** Closed: ended by the browser, or given up on just now or earlier. */
  async #closed(recording: RecordingRow, track: TrackRow): Promise<boolean> {
    const { uploading, present, quietMs, catalog, graceMs, log, onAdvance } = this.#options;
    if (track.lost || (track.ended && (await this.#allSealed(recording, track)))) return true;
    const socket = uploading(track.id);
    const here =
      recording.durationMs === null
        ? socket || present(recording.roomId, track.participantId)
        : socket && quietMs(track.id) <= Math.max(idleGraces * graceMs, idleLeastMs);
    if (here) this.#seenAt.set(track.id, serverMs());
    if (here || Math.min(this.#missingMs(track.id), quietMs(track.id)) <= graceMs) return false;
    await catalog.markTrack(track.id, { lost: 1 });
    log.warn({ recording: recording.id, track: track.id, graceMs }, "track given up on");
    onAdvance(recording.id);
    return true;
  }

  /** An earlier page or another device may have left a segment unfinished. */
  async #allSealed(recording: RecordingRow, track: TrackRow): Promise<boolean> {
    const segments = await this.#options.catalog.segments(recording.id);
    return segments.every((segment) => segment.trackId !== track.id || segment.sha256 !== null || segment.refusal !== null);
  }

  #missingMs(id: string): number {
    return serverMs() - (this.#seenAt.get(id) ?? this.#bornAt);
  }

  async #require(recordingId: string): Promise<RecordingRow> {
    const recording = await this.#options.catalog.recording(recordingId);
    if (!recording) throw new UserError("not-found", "There is no such recording, or this key does not open it.");
    return recording;
  }
}

/** Recording time now. After a restart of the machine the monotonic clock began anew, and the wall clock must do. */
export function elapsedMs(recording: Pick<RecordingRow, "epoch" | "zeroMs" | "startedAt">): number {
  return recording.epoch === epoch ? serverMs() - recording.zeroMs : Date.now() - recording.startedAt;
}
