// One window, whatever it takes: tried again after a death, then without the track that causes it, at last with cards alone.
// Promise: one track that FFmpeg dies of takes nobody else off the film.
import type { Logger } from "pino";
import type { Done } from "./order.ts";
import type { WindowJob } from "./window.ts";
import { Failure } from "./worker.ts";

export interface Attempted {
  done: Done;
  /** Tracks that had to be left out. */
  without: string[];
}

/** These say something about the machine, not about the media. */
const machine = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENOMEM", "EACCES", "EPERM", "other-init"]);

/** `suspects`: tracks found guilty before; those found guilty now are added. */
export async function attempt(
  job: WindowJob,
  render: (job: WindowJob) => Promise<Done>,
  suspects: Set<string>,
  closed: () => boolean,
  log: Logger,
): Promise<Attempted> {
  const tracks = [...new Set(job.sources.map((source) => source.trackId))];
  const known = tracks.filter((track) => suspects.has(track));
  const tries: string[][] = [[], known, ...tracks.map((track) => [track]), tracks];
  let last: unknown = null;
  for (const without of tries) {
    try {
      const done = await render(leaveOut(job, without));
      for (const track of without) suspects.add(track);
      return { done, without };
    } catch (error) {
      if (closed() || (error instanceof Failure && error.code !== null && machine.has(error.code))) throw error;
      log.warn({ window: job.index, without, err: error }, "composing a window failed");
      last = error;
    }
  }
  throw last;
}

/** The same window with cards for these tracks, and without their sound. */
export function leaveOut(job: WindowJob, tracks: readonly string[]): WindowJob {
  if (tracks.length === 0) return job;
  const out = new Set(tracks);
  const sources = job.sources.filter((source) => !out.has(source.trackId));
  const kept = new Set(sources.map((source) => source.segment));
  return {
    ...job,
    pieces: job.pieces.map((piece) => ({
      ...piece,
      tiles: piece.tiles.map((tile) => (out.has(tile.trackId) ? { ...tile, segment: null, why: "this recording cannot be shown" } : tile)),
    })),
    sounds: job.sounds.filter((segment) => kept.has(segment)),
    sources,
  };
}
