// What arrived of each recording, and what time it was: keeps the containers of unfinished recordings and makes their timelines.
// Promise: the same bytes and facts give the same timeline, before and after a restart.
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChunkFacts, ClockSample, SegmentFacts, type Timeline } from "../../protocol/recording.ts";
import type { Catalog, SegmentRow } from "../store/catalog.ts";
import type { Disk } from "../store/disk.ts";
import { Container } from "./container.ts";
import { coveredMs, type RecordingInput, type SegmentInput, type TrackInput, timelineOf, watermarkOf } from "./timeline.ts";

/** `watermarkMs`: every active track's bytes are here up to this recording time. `complete`: nothing more will come. */
export interface Aligned {
  timeline: Timeline;
  watermarkMs: number;
  complete: boolean;
  folder: string;
}

interface Live {
  recordingId: string;
  facts: SegmentFacts;
  file: string;
  chunks: ChunkFacts[];
  samples: ClockSample[];
  container: Container;
}

export class Aligner {
  readonly #catalog: Catalog;
  readonly #disk: Disk;
  readonly #elapsedMs: (recording: Pick<RecordingInput, "zeroMs" | "epoch" | "startedAt">) => number;
  readonly #segments = new Map<string, Live>();
  readonly #aligned = new Map<string, Aligned>();
  readonly #shapes = new Map<string, string>();

  /** `elapsedMs`: recording time now, of a recording that runs. */
  constructor(options: {
    catalog: Catalog;
    disk: Disk;
    elapsedMs: (recording: Pick<RecordingInput, "zeroMs" | "epoch" | "startedAt">) => number;
  }) {
    this.#elapsedMs = options.elapsedMs;
    this.#catalog = options.catalog;
    this.#disk = options.disk;
  }

  /** The spool shows a segment's durable bytes here, in order, as they land. `file`: relative to the recording's folder. */
  inspect(recordingId: string, segmentId: string, facts: SegmentFacts, file: string) {
    const live: Live = { recordingId, facts, file, chunks: [], samples: [], container: new Container() };
    this.#segments.set(segmentId, live);
    return {
      push: (bytes: Uint8Array) => live.container.push(bytes),
      chunk: (chunk: ChunkFacts) => void live.chunks.push(chunk),
      clock: (sample: ClockSample) => void live.samples.push(sample),
      reset: () => {
        live.chunks = [];
        live.samples = [];
        live.container = new Container();
      },
    };
  }

  /** The newest alignment of an unfinished recording; null when nothing was aligned since the start of this process. */
  aligned(recordingId: string): Aligned | null {
    return this.#aligned.get(recordingId) ?? null;
  }

  /** Looks at everything that arrived and aligns again. Null: the recording is gone. */
  async refresh(recordingId: string): Promise<Aligned | null> {
    const input = await this.#gather(recordingId);
    if (!input) {
      this.forget(recordingId);
      return null;
    }
    const timeline = timelineOf(input);
    const running = input.durationMs === null;
    const closed = input.tracks.every((track) => track.closed);
    const covered = input.tracks.map((track) => coveredMs(track, input));
    const watermarkMs = watermarkOf(covered, input.durationMs ?? this.#elapsedMs(input));
    const aligned: Aligned = { timeline, watermarkMs, complete: !running && closed, folder: this.#disk.recording(recordingId) };
    this.#aligned.set(recordingId, aligned);
    await this.#keep(timeline);
    return aligned;
  }

  /** The film is complete: the timeline is on disk, and the containers are let go. */
  async settle(recordingId: string): Promise<void> {
    const aligned = this.#aligned.get(recordingId);
    if (aligned) await this.#disk.writeTimeline(aligned.timeline);
    this.forget(recordingId);
  }

  forget(recordingId: string): void {
    for (const [id, live] of this.#segments) if (live.recordingId === recordingId) this.#segments.delete(id);
    this.#aligned.delete(recordingId);
    this.#shapes.delete(recordingId);
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

  /** The container of one segment: the live one, or read from its file. */
  async container(recordingId: string, segmentId: string): Promise<Container> {
    const live = this.#segments.get(segmentId);
    if (live) return live.container;
    const row = await this.#catalog.segment(segmentId);
    if (!row) throw new Error(`no segment ${segmentId}`);
    return (await this.#read(recordingId, row)).container;
  }

  async #gather(recordingId: string): Promise<RecordingInput | null> {
    const recording = await this.#catalog.recording(recordingId);
    const room = recording && (await this.#catalog.room(recording.roomId));
    if (!recording || !room) return null;
    const [tracks, segments, people] = await Promise.all([
      this.#catalog.tracks(recordingId),
      this.#catalog.segments(recordingId),
      this.#catalog.participantsOf(recordingId),
    ]);
    for (const row of segments) {
      if (row.sha256 && !this.#segments.has(row.id)) this.#segments.set(row.id, await this.#read(recordingId, row));
    }
    return {
      id: recording.id,
      roomId: recording.roomId,
      roomName: room.name,
      startedAt: new Date(recording.startedAt).toISOString(),
      zeroMs: recording.zeroMs,
      epoch: recording.epoch,
      durationMs: recording.durationMs,
      tracks: tracks.map((track): TrackInput => {
        const rows = segments.filter((row) => row.trackId === track.id && !row.refusal);
        return {
          id: track.id,
          participant: { id: track.participantId, name: people.find((person) => person.id === track.participantId)?.name ?? "" },
          source: track.source,
          segments: rows.flatMap((row) => this.#segmentInput(row)),
          closed: track.lost === 1 || (track.ended === 1 && rows.every((row) => row.sha256 !== null)),
          lost: track.lost === 1,
        };
      }),
    };
  }

  #segmentInput(row: SegmentRow): SegmentInput[] {
    const live = this.#segments.get(row.id);
    if (!live) return [];
    const { facts, chunks, samples, container, file } = live;
    return [
      {
        id: row.id,
        file,
        mimeType: facts.mimeType,
        bytes: container.bytes,
        sealed: row.sha256 !== null,
        sha256: row.sha256,
        facts,
        chunks,
        samples,
        container,
      },
    ];
  }

  async #read(recordingId: string, row: SegmentRow): Promise<Live> {
    const facts = SegmentFacts.parse(JSON.parse(row.facts));
    const file = this.#disk.segmentName(row.trackId, row.id, facts.mimeType);
    const live: Live = { recordingId, facts, file, chunks: [], samples: [], container: new Container() };
    const path = join(this.#disk.recording(recordingId), file);
    const lines = await readFile(path.replace(/\.\w+$/, ".facts.jsonl"), "utf8");
    for (const line of lines.split("\n").filter((text) => text.endsWith("}"))) {
      const value = JSON.parse(line) as { chunk?: ChunkFacts; clock?: unknown };
      if (value.chunk) live.chunks.push(value.chunk);
      if (value.clock) live.samples.push(ClockSample.parse(value.clock));
    }
    for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 })) live.container.push(bytes as Buffer);
    return live;
  }

  /** Written when its shape changes (a segment more, a seal, Stop), not with every byte. */
  async #keep(timeline: Timeline): Promise<void> {
    const shape = JSON.stringify([
      timeline.durationMs,
      timeline.tracks.map((track) => [track.id, track.segments.map((segment) => [segment.id, segment.sealed])]),
    ]);
    if (this.#shapes.get(timeline.recordingId) === shape) return;
    this.#shapes.set(timeline.recordingId, shape);
    await this.#disk.writeTimeline(timeline);
  }
}
