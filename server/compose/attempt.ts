// One window, whatever it takes: tried again after a death, then without the track that causes it, at last with cards alone.
// Promise: one track that FFmpeg dies of takes nobody else off the film, and finding it out costs a few attempts, however many there are.
import type { Logger } from "pino";
import type { Done } from "./order.ts";
import type { Suspects } from "./suspects.ts";
import type { WindowJob } from "./window.ts";
import { Death, Failure, NotStarted } from "./worker.ts";

export interface Attempted {
  done: Done;
  /** Tracks that had to be left out. */
  without: string[];
  /** Of the attempt that holds. */
  how: Manner;
}

export interface Manner {
  /** The process says whose bytes it goes at, so that it is known of whom it died. */
  careful: boolean;
  /** How many attempts at this window succeeded before: what they made is not to be written over. */
  kept: number;
}

/** These say something about the machine, not about the media. */
const machine = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EAGAIN", "EMFILE", "ENFILE", "ENOMEM", "EACCES", "EPERM", "other-init"]);
/** So many are believed, one after the other. */
const mostTold = 3;
/** Looks at groups, when it was more than one and the process did not say which: whoever was in none that lived is a card then. A look may take its
 * whole deadline. */
const mostGroups = 10;

/** `suspects`: tracks found guilty before; learns who is now. */
export async function attempt(
  job: WindowJob,
  render: (job: WindowJob, how: Manner) => Promise<Done>,
  suspects: Suspects,
  closed: () => boolean,
  log: Logger,
): Promise<Attempted> {
  const tracks = [...new Set(job.sources.map((source) => source.trackId))];
  const held: Attempted[] = [];
  let last: unknown = null;
  const holds = async (without: string[], careful = true): Promise<boolean> => {
    const how = { careful, kept: held.length };
    try {
      held.push({ done: await render(leaveOut(job, without), how), without, how });
      return true;
    } catch (error) {
      if (closed() || ofMachine(error)) throw error;
      log.warn({ window: job.index, without, err: error }, "composing a window failed");
      last = error;
      return false;
    }
  };
  const found = (guilty: readonly string[]): Attempted => {
    const last = held.at(-1)!;
    for (const track of guilty) suspects.guilty(track, job.index);
    for (const track of tracks) if (!last.without.includes(track)) suspects.lived(track);
    return last;
  };

  const convicted = suspects.leftOut(tracks, job.index);
  if (await holds(convicted, false)) return found([]);
  // Whoever did it before, and then whomever the process died of.
  const known = [...convicted, ...tracks.filter((track) => suspects.has(track) && !convicted.includes(track))];
  const out = [...known];
  for (let told = 0; told <= mostTold; told++) {
    if (await holds([...out])) return found(await cleared(out, convicted, out.length > known.length, holds));
    const accused = accusedBy(last, job);
    if (accused === null || out.includes(accused)) break;
    out.push(accused);
  }
  // It did not say, or that was not the reason: memory that one stream breaks may end the process at another one.
  // Mostly it is one: half of those who may be it are left out each time.
  let may = tracks.filter((track) => !known.includes(track));
  let alone = false;
  while (may.length > 1) {
    const half = may.slice(0, Math.ceil(may.length / 2));
    alone = await holds([...known, ...half]);
    may = alone ? half : may.slice(half.length);
  }
  if (alone || (await holds([...known, ...may]))) return found(may);
  // It is more than one.
  const gone = held.at(-1)?.without ?? tracks;
  const guilty = await apart(
    gone.filter((track) => !known.includes(track)),
    (kept) => holds(gone.filter((track) => !kept.includes(track))),
  );
  if (held.length > 0) return found(guilty);
  if (!(await holds(tracks))) throw last;
  return found(tracks);
}

/** Of these, without whom it lives, who is needed for that, beside the convicted: whoever did it before may be innocent here, and so may those accused
 * before the last one. `proven`: the last one is guilty, for without the others alone it did not live. */
async function cleared(
  out: readonly string[],
  convicted: readonly string[],
  proven: boolean,
  holds: (without: string[]) => Promise<boolean>,
): Promise<string[]> {
  let guilty = out.slice(convicted.length);
  for (const track of proven ? guilty.slice(0, -1) : guilty) {
    // Somebody is.
    if (guilty.length === 1) break;
    const others = guilty.filter((one) => one !== track);
    if (await holds([...convicted, ...others])) guilty = others;
  }
  return guilty;
}

/** Of these, which end the process, who is guilty, half by half; whoever is not and not kept was not looked at any more. `lives`: with these kept. */
async function apart(all: readonly string[], lives: (kept: string[]) => Promise<boolean>): Promise<string[]> {
  const kept: string[] = [];
  const guilty: string[] = [];
  let looks = 0;
  /** Somebody in here is, given who is kept. */
  const split = async (group: readonly string[]): Promise<void> => {
    if (group.length < 2) return void guilty.push(...group);
    const middle = Math.ceil(group.length / 2);
    const [one, other] = [group.slice(0, middle), group.slice(middle)];
    const look = async (half: readonly string[]): Promise<boolean> => {
      if (looks >= mostGroups) return false;
      looks += 1;
      const lived = await lives([...kept, ...half]);
      if (lived) kept.push(...half);
      else await split(half);
      return lived;
    };
    // One half lives: it is the other.
    if (await look(one)) await split(other);
    else await look(other);
  };
  await split(all);
  return guilty;
}

function ofMachine(error: unknown): boolean {
  return error instanceof NotStarted || (error instanceof Failure && error.code !== null && machine.has(error.code));
}

/** Whose bytes the process was at when it ended or failed. Not to be believed before the window was composed without them. */
function accusedBy(error: unknown, job: WindowJob): string | null {
  const segment = error instanceof Death || error instanceof Failure ? error.segment : null;
  return job.sources.find((source) => source.segment === segment)?.trackId ?? null;
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
