// Whole tracks as single seekable files, made when first asked for and kept beside the segments.
// Promise: a file that is there is whole; a track that grew since gets a new one.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../protocol/errors.ts";
import type { TimelineSegment } from "../../protocol/recording.ts";
import type { Aligner } from "../align/aligner.ts";
import type { Disk } from "../store/disk.ts";
import { trackExtension, writeTrackFile } from "./track.ts";

export class TrackFiles {
  readonly #aligner: Aligner;
  readonly #disk: Disk;
  readonly #making = new Map<string, Promise<string>>();

  constructor(options: { aligner: Aligner; disk: Disk }) {
    this.#aligner = options.aligner;
    this.#disk = options.disk;
  }

  /** Its path. Throws UserError("not-ready") while the track still grows or nothing of it is here. */
  async file(recordingId: string, trackId: string): Promise<string> {
    const timeline = await this.#aligner.timeline(recordingId);
    const track = timeline?.tracks.find((candidate) => candidate.id === trackId);
    if (!timeline || !track || track.segments.length === 0) throw new UserError("not-ready", "Nothing of this track is here yet.");
    if (timeline.durationMs === null) throw new UserError("not-ready", "This track is still being recorded.");
    const folder = this.#disk.recording(recordingId);
    const containers = await Promise.all(track.segments.map((segment) => this.#aligner.container(recordingId, segment.id)));
    const bytes = track.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const extension = trackExtension(containers.flatMap((container) => [...container.streams]));
    const out = join(folder, "tracks", trackId, `whole-${track.segments.length}-${bytes}.${extension}`);
    if (await exists(out)) return out;
    const making = this.#making.get(out) ?? this.#make(out, folder, track.segments, containers);
    this.#making.set(out, making);
    return making.finally(() => this.#making.delete(out));
  }

  async #make(
    out: string,
    folder: string,
    segments: TimelineSegment[],
    containers: Awaited<ReturnType<Aligner["container"]>>[],
  ): Promise<string> {
    const inputs = segments.flatMap(({ file, map, soundMap, audioShiftMs }, i) => {
      const container = containers[i];
      return container ? [{ path: join(folder, file), container, map, soundMap, audioShiftMs }] : [];
    });
    await writeTrackFile({ segments: inputs, out });
    return out;
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
