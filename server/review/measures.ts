// Who spoke when, told from the levels that composing left beside the windows, placed by the timeline as it is now.
// Promise: nothing is listened to again; while the film grows the answer grows with it.
import type { Measures } from "../../protocol/feedback.ts";
import type { Knee, Timeline, TimelineSegment, TimelineTrack } from "../../protocol/timeline.ts";
import type { Access, Credentials } from "../store/access.ts";
import type { Catalog } from "../store/catalog.ts";
import type { Disk } from "../store/disk.ts";
import { levelMs, readLevels, type VoiceLevels } from "../store/levels.ts";
import { measuresOf } from "./conversation.ts";
import { frameMs, speechOf, unheardOf } from "./speech.ts";

export interface MeasuringOptions {
  catalog: Catalog;
  access: Access;
  disk: Disk;
  timeline: (recordingId: string) => Promise<Timeline | null>;
  /** When a segment's sound of this media time was heard, on the recording's clock. */
  place: (map: readonly Knee[], mediaMs: number) => number;
}

/** A day of levels is no recording. */
const mostMs = 24 * 3600 * 1000;
/** One run ends and the next begins: a shorter gap ends no silence. */
const gapMs = 1000;

export class Measuring {
  readonly #options: MeasuringOptions;

  constructor(options: MeasuringOptions) {
    this.#options = options;
  }

  async look(credentials: Credentials, recordingId: string): Promise<Measures> {
    const { access, catalog, disk, timeline } = this.#options;
    const { recording } = await access.recording(credentials, recordingId, "look");
    const [placed, levels, pauses] = await Promise.all([
      timeline(recording.id),
      readLevels(disk.recording(recording.id)),
      catalog.pauses(recording.id),
    ]);
    const cameras = (placed?.tracks ?? []).filter(({ source }) => source === "camera");
    const heard = cameras.map((track) => this.#heard(track, levels));
    const heardMs = Math.max(0, ...heard.map((track) => track.length * frameMs));
    const lengthMs = Math.min(heardMs, placed?.durationMs ?? heardMs);
    const speakers = cameras.map(({ participant }, index) => ({ ...participant, speech: speechOf(heard[index]!) }));
    const paused = pauses.map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs ?? lengthMs })).filter(({ fromMs }) => fromMs < lengthMs);
    return measuresOf(speakers, lengthMs, [...unheardOf(heard, lengthMs, gapMs), ...paused]);
  }

  /** One track's levels on the recording's clock; NaN where nothing was measured. */
  #heard(track: TimelineTrack, levels: Map<string, VoiceLevels[]>): Float32Array {
    const pieces = track.segments.flatMap((segment) => (levels.get(segment.id) ?? []).map((piece) => ({ segment, piece })));
    const at = ({ segment, piece }: { segment: TimelineSegment; piece: VoiceLevels }, index: number) =>
      this.#options.place(segment.soundMap ?? segment.map, piece.fromMediaMs + index * levelMs) + segment.audioShiftMs;
    const ends = pieces.map((one) => at(one, one.piece.levels.length));
    const out = new Float32Array(Math.ceil(Math.min(mostMs, Math.max(0, ...ends)) / frameMs)).fill(Number.NaN);
    for (const one of pieces)
      for (const [index, level] of one.piece.levels.entries()) {
        const frame = Math.round(at(one, index) / frameMs);
        if (frame >= 0 && frame < out.length) out[frame] = level;
      }
    return filled(out);
  }
}

/** A clock that drifts leaves a frame empty now and then. */
function filled(levels: Float32Array): Float32Array {
  for (let at = 1; at + 1 < levels.length; at++)
    if (Number.isNaN(levels[at]) && !Number.isNaN(levels[at - 1]) && !Number.isNaN(levels[at + 1])) levels[at] = levels[at - 1]!;
  return levels;
}
