// What arrived of each recording, and what time it was: keeps the containers of unfinished recordings and makes their timelines.
// Promise: the same bytes and facts give the same timeline, before and after a restart; a verdict of what was heard stays until there is a better one.
import type { ChunkFacts, ClockSample, SegmentFacts } from "../../protocol/facts.ts";
import type { Heard } from "../../protocol/recording.ts";
import type { Timeline } from "../../protocol/timeline.ts";
import type { Catalog, SegmentRow } from "../store/catalog.ts";
import type { Disk } from "../store/disk.ts";
import { Container } from "./container.ts";
import type { VoicePiece } from "./ears.ts";
import { type Live, readLive, shut } from "./live.ts";
import { coveredMs, type RecordingInput, type SegmentInput, type TrackInput, timelineOf, watermarkOf } from "./timeline.ts";
import { Unread } from "./unread.ts";
import { Verdicts } from "./verdicts.ts";

/** `watermarkMs`: every active track's bytes are here up to this recording time. `complete`: nothing more will come. */
export interface Aligned {
  timeline: Timeline;
  watermarkMs: number;
  complete: boolean;
  folder: string;
  /** Unsealed segments that stopped arriving: the film goes on without the rest of them until it comes. */
  quiet: ReadonlySet<string>;
}

export class Aligner {
  readonly #catalog: Catalog;
  readonly #disk: Disk;
  readonly #elapsedMs: (recording: Pick<RecordingInput, "zeroMs" | "epoch" | "startedAt">) => number;
  readonly #segments = new Map<string, Live>();
  readonly #aligned = new Map<string, Aligned>();
  readonly #shapes = new Map<string, string>();
  /** When something of a track or a segment last arrived, and when it was first asked about; on the process's clock, ms. */
  readonly #heardAt = new Map<string, number>();
  readonly #knownAt = new Map<string, number>();
  readonly #graceMs: number;
  readonly #recovered: (recordingId: string) => Promise<boolean>;
  readonly #verdicts: Verdicts;
  readonly #unread: Unread;
  readonly #onUnreadable: (id: string, error: unknown) => void;
  /** Tracks whose name is on the disk, or is not although media came after it. */
  readonly #plates = new Map<string, string | null>();

  /** `elapsedMs`: recording time now, of a recording that runs. `graceMs`: who sends nothing for longer holds up nobody's film. */
  constructor(options: {
    catalog: Catalog;
    disk: Disk;
    graceMs: number;
    elapsedMs: (recording: Pick<RecordingInput, "zeroMs" | "epoch" | "startedAt">) => number;
    /** Resolves once what an earlier process left of a recording is read back; with false when it will not be. Until then what is here of a segment may
     * be only its beginning. */
    recovered?: (recordingId: string) => Promise<boolean>;
    /** What was heard could not be kept: no harm to any recording. */
    onTrouble?: (track: string, error: unknown) => void;
    /** The disk would not give back a segment, or say whether a track has a name. */
    onUnreadable?: (id: string, error: unknown) => void;
    /** What could not be read is to be tried again, with the next `refresh`. */
    onAgain?: (recordingId: string) => void;
  }) {
    this.#unread = new Unread(options.onAgain ?? (() => undefined));
    this.#onUnreadable = options.onUnreadable ?? (() => undefined);
    this.#verdicts = new Verdicts(options.disk, options.onTrouble ?? (() => undefined));
    this.#elapsedMs = options.elapsedMs;
    this.#graceMs = options.graceMs;
    this.#recovered = options.recovered ?? (async () => true);
    this.#catalog = options.catalog;
    this.#disk = options.disk;
  }

  /** The spool shows a segment's durable bytes here, in order, as they land. `file`: relative to the recording's folder. */
  inspect(recordingId: string, trackId: string, segmentId: string, facts: SegmentFacts, file: string) {
    let container = new Container();
    const live: Live = { recordingId, facts, file, chunks: [], samples: [], bytes: 0, media: container };
    this.#segments.set(segmentId, live);
    this.#unread.read(segmentId);
    const heard = () => {
      const now = performance.now();
      this.#heardAt.set(segmentId, now).set(trackId, now);
    };
    heard();
    return {
      push: (bytes: Uint8Array) => {
        heard();
        try {
          // Also should more come of what was taken to have ended.
          live.media = container;
          container.push(bytes);
        } finally {
          live.bytes = container.bytes;
        }
      },
      chunk: (chunk: ChunkFacts) => void live.chunks.push(chunk),
      clock: (sample: ClockSample) => {
        heard();
        live.samples.push(sample);
      },
      reset: () => {
        live.chunks = [];
        live.samples = [];
        container = new Container();
        live.media = container;
        live.bytes = 0;
      },
    };
  }

  /** A browser says how somebody sounded there; of no use once the recording is settled. */
  hear(roomId: string, participantId: string, recordingId: string, heard: Heard): void {
    this.#verdicts.hear(roomId, participantId, this.#aligned.get(recordingId)?.timeline, heard);
  }

  /** How loud people are on their tracks, as composing found; the next `refresh` judges by it. */
  loud(recordingId: string, voices: readonly VoicePiece[]): void {
    if (this.#aligned.has(recordingId)) this.#verdicts.loud(recordingId, voices);
  }

  /** The newest alignment of an unfinished recording; null when nothing was aligned since the start of this process. */
  aligned(recordingId: string): Aligned | null {
    return this.#aligned.get(recordingId) ?? null;
  }

  /** Looks at everything that arrived and aligns again. Null: the recording is gone, or not to be read back any more. */
  async refresh(recordingId: string): Promise<Aligned | null> {
    if (!(await this.#recovered(recordingId))) return null;
    const input = await this.#gather(recordingId);
    if (!input) {
      this.forget(recordingId);
      return null;
    }
    const { timeline, tracks } = await this.#verdicts.timeline(input);
    const running = input.durationMs === null;
    const closed = input.tracks.every((track) => track.closed);
    const covered = tracks.map((track) => coveredMs(track, input));
    const watermarkMs = watermarkOf(covered, input.durationMs ?? this.#elapsedMs(input));
    const quiet = input.tracks.flatMap((track) => track.segments.filter((segment) => segment.quiet && !segment.sealed));
    const aligned: Aligned = {
      timeline,
      watermarkMs,
      complete: !running && closed && !this.#unread.awaited(recordingId),
      folder: this.#disk.recording(recordingId),
      quiet: new Set(quiet.map((segment) => segment.id)),
    };
    this.#aligned.set(recordingId, aligned);
    await this.#keep(timeline);
    return aligned;
  }

  /** The film is complete: the timeline is on disk, and the containers are let go, but for those that the spool may still show bytes of. */
  async settle(recordingId: string): Promise<void> {
    const aligned = this.#aligned.get(recordingId);
    if (!aligned) return this.forget(recordingId);
    await this.#disk.writeTimeline(aligned.timeline);
    // More came while it was written.
    if (this.#aligned.get(recordingId)?.complete === false) return;
    const sealed = aligned.timeline.tracks.flatMap((track) => track.segments.filter((segment) => segment.sealed));
    const whispered = (await this.#catalog.everySegment(recordingId)).filter(({ sha256 }) => sha256 !== null);
    this.#release(recordingId, new Set([...sealed, ...whispered].map((segment) => segment.id)));
  }

  forget(recordingId: string): void {
    this.#unread.forget(recordingId);
    this.#release(recordingId, null);
  }

  /** `segments` null: all of them. */
  #release(recordingId: string, segments: ReadonlySet<string> | null): void {
    for (const [id, live] of this.#segments) {
      if (live.recordingId !== recordingId || segments?.has(id) === false) continue;
      this.#segments.delete(id);
      this.#letGo(id);
    }
    for (const track of this.#aligned.get(recordingId)?.timeline.tracks ?? []) {
      this.#letGo(track.id);
      this.#plates.delete(track.id);
    }
    this.#aligned.delete(recordingId);
    this.#verdicts.forget(recordingId);
    this.#shapes.delete(recordingId);
  }

  #letGo(id: string): void {
    this.#heardAt.delete(id);
    this.#knownAt.delete(id);
  }

  /** Segments of a recording that are on the disk and could not be read back, or only to somewhere. */
  unreadable(recordingId: string): ReadonlySet<string> {
    return this.#unread.of(recordingId);
  }

  /** Recording time up to which something has arrived of anybody; 0 when nothing has. */
  reachMs(recordingId: string): number {
    const tracks = this.#aligned.get(recordingId)?.timeline.tracks ?? [];
    return Math.max(0, ...tracks.flatMap((track) => track.segments.map((segment) => segment.endMs)));
  }

  /** The timeline of any recording: as aligned now, or as it was settled. Null before the first. */
  async timeline(recordingId: string): Promise<Timeline | null> {
    return this.#aligned.get(recordingId)?.timeline ?? this.#disk.readTimeline(recordingId);
  }

  /** What was whispered, placed on the recording's clock as tracks are; made anew each time, for few ask. Null: there is none, or the recording is gone. */
  async whispers(recordingId: string): Promise<Timeline | null> {
    const rows = (await this.#recovered(recordingId)) ? await this.#catalog.whispers(recordingId) : [];
    const recording = rows.length > 0 ? await this.#recording(recordingId) : null;
    if (!recording) return null;
    const segments = await this.#catalog.everySegment(recordingId);
    const tracks = rows.map(async (row): Promise<TrackInput> => {
      const mine = segments.filter((segment) => segment.trackId === row.id && !segment.refusal);
      // Read for this once: what is settled need not stay in memory.
      const read = (one: SegmentRow) => readLive(this.#disk, recordingId, one, (error) => this.#onUnreadable(one.id, error));
      const lives = await Promise.all(mine.map(async (one) => this.#segments.get(one.id) ?? (await read(one))));
      return {
        id: row.id,
        participant: { id: row.participantId, name: (await this.#catalog.participant(row.participantId))?.name ?? "" },
        // In a timeline of its own, which nothing is composed from.
        source: "camera",
        segments: mine.flatMap((one, index) => this.#segmentInput(one, lives[index])),
        closed: true,
        lost: false,
        quiet: false,
      };
    });
    return timelineOf({ ...recording, tracks: await Promise.all(tracks) });
  }

  async #gather(recordingId: string): Promise<RecordingInput | null> {
    const recording = await this.#recording(recordingId);
    if (!recording) return null;
    const [tracks, segments, people] = await Promise.all([
      this.#catalog.tracks(recordingId),
      this.#catalog.segments(recordingId),
      this.#catalog.participantsOf(recordingId),
    ]);
    for (const row of segments) {
      const before = this.#segments.get(row.id);
      if (row.refusal) continue;
      if (before && !this.#unread.isDue(row.id)) {
        if (row.sha256 !== null) shut(before);
        continue;
      }
      let trouble: unknown = null;
      const live = await readLive(this.#disk, recordingId, row, (error) => {
        trouble = error;
      });
      // The spool may have opened it meanwhile, and shows it from its first byte on.
      if (this.#segments.get(row.id) !== before) continue;
      if (live) this.#segments.set(row.id, live);
      this.#judge(recordingId, row.id, trouble);
    }
    const plates = new Map<string, string | null>();
    for (const { id } of tracks)
      plates.set(
        id,
        await this.#plateOf(
          recordingId,
          id,
          segments.some(({ trackId }) => trackId === id),
        ),
      );
    return {
      ...recording,
      tracks: tracks.map((track): TrackInput => {
        const rows = segments.filter((row) => row.trackId === track.id && !row.refusal);
        return {
          id: track.id,
          participant: { id: track.participantId, name: people.find((person) => person.id === track.participantId)?.name ?? "" },
          source: track.source,
          plate: plates.get(track.id) ?? null,
          segments: rows.flatMap((row) => this.#segmentInput(row)),
          closed: track.lost === 1 || (track.ended === 1 && rows.every((row) => row.sha256 !== null)),
          lost: track.lost === 1,
          quiet: this.#isQuiet(track.id),
        };
      }),
    };
  }

  /** One segment that the disk will not give back is no reason for everybody's film to stand still. */
  #judge(recordingId: string, segmentId: string, trouble: unknown): void {
    if (trouble === null) this.#unread.read(segmentId);
    else {
      this.#onUnreadable(segmentId, trouble);
      this.#unread.failed(recordingId, segmentId);
    }
  }

  async #recording(recordingId: string): Promise<Omit<RecordingInput, "tracks"> | null> {
    const recording = await this.#catalog.recording(recordingId);
    const room = recording && (await this.#catalog.room(recording.roomId));
    if (!recording || !room) return null;
    const { id, roomId, zeroMs, epoch, durationMs } = recording;
    return { id, roomId, roomName: room.name, startedAt: new Date(recording.startedAt).toISOString(), zeroMs, epoch, durationMs };
  }

  /** It is written before a track may be sent: once there is a segment the answer does not change. */
  async #plateOf(recordingId: string, trackId: string, begun: boolean): Promise<string | null> {
    const known = this.#plates.get(trackId);
    if (known !== undefined) return known;
    const has = await this.#disk.hasPlate(recordingId, trackId).catch((error: unknown) => {
      this.#onUnreadable(trackId, error);
      return false;
    });
    const plate = has ? this.#disk.plateName(trackId) : null;
    if (plate !== null || begun) this.#plates.set(trackId, plate);
    return plate;
  }

  /** How long nothing of a track or segment has arrived; Infinity when nothing has since this process began. */
  quietMs(id: string): number {
    return performance.now() - (this.#heardAt.get(id) ?? Number.NEGATIVE_INFINITY);
  }

  #isQuiet(id: string): boolean {
    const now = performance.now();
    const knownAt = this.#knownAt.get(id) ?? now;
    this.#knownAt.set(id, knownAt);
    return Math.min(now - knownAt, this.quietMs(id)) > this.#graceMs;
  }

  #segmentInput(row: SegmentRow, live: Live | null = this.#segments.get(row.id) ?? null): SegmentInput[] {
    if (!live) return [];
    const { facts, chunks, samples, bytes, media, file } = live;
    return [
      {
        id: row.id,
        file,
        mimeType: facts.mimeType,
        bytes,
        sealed: row.sha256 !== null,
        quiet: this.#segments.has(row.id) && this.#isQuiet(row.id),
        sha256: row.sha256,
        facts,
        chunks,
        samples,
        media,
      },
    ];
  }

  /** Written when its shape changes (a segment more, a seal, Stop), not with every byte. */
  async #keep(timeline: Timeline): Promise<void> {
    const shape = JSON.stringify([
      timeline.durationMs,
      timeline.tracks.map((track) => [track.id, track.hearing, track.segments.map((segment) => [segment.id, segment.sealed])]),
    ]);
    if (this.#shapes.get(timeline.recordingId) === shape) return;
    this.#shapes.set(timeline.recordingId, shape);
    await this.#disk.writeTimeline(timeline);
  }
}
