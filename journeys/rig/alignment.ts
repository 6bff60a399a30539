// How well a recording knows what time it was: each track's pictures and beeps, placed by the timeline, against the truth in them.
// No film and no grid of pictures in it; the film's figures are made by measure.ts from pictures dated here.
import { join } from "node:path";
import type { Timeline, TimelineSegment, TimelineTrack } from "../../protocol/timeline.ts";
import { atMsOf } from "../../server/align/map.ts";
import { difference, timeModulo, toneHz } from "./code.ts";
import { type Film, type Picture, readFilm } from "./film.ts";
import { lagOf } from "./measure.ts";
import { reelMs } from "./reel.ts";
import { onsetsOf, percentile } from "./sound.ts";
import type { Testimony } from "./witness.ts";

/** Where truth of a participant comes from. Null: the code says the true time and the beeps set in on the true second. */
export type Source = Testimony | null;

export interface Placed {
  /** Recording time by the timeline. */
  atMs: number;
  /** That minus the true recording time. */
  errorMs: number;
}

export interface TrackAlignment {
  participant: number;
  clock: TimelineTrack["clock"];
  pictures: Placed[];
  beeps: Placed[];
  slips: number;
}

/** `numberOf`: the participant's number by name; `folder`: the recording's. The server and the truth share a machine, so its `startedAt`, told to
 * the millisecond, is the true time of 0. */
export async function alignmentOf(
  timeline: Timeline,
  folder: string,
  numberOf: (name: string) => number,
  sourceOf: (participant: number) => Source,
): Promise<TrackAlignment[]> {
  const zeroMs = Date.parse(timeline.startedAt) + 0.5;
  const alignments: TrackAlignment[] = [];
  for (const track of timeline.tracks) {
    const participant = numberOf(track.participant.name);
    const source = sourceOf(participant);
    const alignment: TrackAlignment = {
      participant,
      clock: track.clock,
      pictures: [],
      beeps: [],
      slips: track.gaps.filter(({ reason }) => reason === "slip").length,
    };
    for (const segment of track.segments) {
      const film = await readFilm(join(folder, segment.file), "whole");
      alignment.pictures.push(...placePictures(film, segment, participant, source, zeroMs));
      alignment.beeps.push(...placeBeeps(film, segment, participant, source, zeroMs));
    }
    alignments.push(alignment);
  }
  return alignments;
}

/** Each true time where it first appears: a picture that a recorder repeats is late on purpose. */
function placePictures(film: Film, segment: TimelineSegment, participant: number, source: Source, zeroMs: number): Placed[] {
  const placed: Placed[] = [];
  let last: number | null = null;
  for (const picture of film.pictures) {
    const code = picture.codes[0]?.[0];
    if (!code || code.participant !== participant || code.trueMs === last) continue;
    last = code.trueMs;
    const atMs = atMsOf(segment.map, picture.atMs);
    const trueMs = trueOf(code.trueMs, zeroMs + atMs, source);
    if (trueMs !== null) placed.push({ atMs, errorMs: difference(zeroMs + atMs, trueMs) });
  }
  return placed;
}

function placeBeeps(film: Film, segment: TimelineSegment, participant: number, source: Source, zeroMs: number): Placed[] {
  if (!film.sound) return [];
  const { map, soundMap = map, audioShiftMs } = segment;
  return onsetsOf(film.sound, toneHz(participant)).flatMap((onset) => {
    const atMs = atMsOf(soundMap, onset) + audioShiftMs;
    const errorMs = lagOf(zeroMs + atMs, source?.beeps);
    return errorMs === null ? [] : [{ atMs, errorMs }];
  });
}

/** The true time of a picture that shows this code and was taken somewhere near `nearMs`; null when no witness saw it. */
export function trueOf(codeMs: number, nearMs: number, source: Source): number | null {
  // The code tells whole milliseconds, rounded down.
  if (!source?.pictures) return codeMs + 0.5;
  let best: number | null = null;
  // A reel shows each code again when it begins anew.
  let leastMs = reelMs / 2;
  for (const picture of source.pictures) {
    const farMs = Math.abs(picture.trueMs - nearMs);
    if (picture.codeMs !== codeMs || farMs >= leastMs) continue;
    leastMs = farMs;
    best = picture.trueMs;
  }
  return best;
}

/** The same pictures with the truth in place of what their codes say. */
export function dated(film: Film, startedAt: string, sourceOf: (participant: number) => Source): Picture[] {
  const zeroMs = Date.parse(startedAt);
  return film.pictures.map(({ atMs, codes }) => ({
    atMs,
    codes: codes.map((faces) =>
      faces.map((code) => {
        if (!code) return null;
        const trueMs = trueOf(code.trueMs, zeroMs + atMs, sourceOf(code.participant));
        return trueMs === null ? null : { participant: code.participant, trueMs: ((trueMs % timeModulo) + timeModulo) % timeModulo };
      }),
    ),
  }));
}

/** Further apart, two pictures say nothing of one another. */
const besideMs = 200;

/** Error of `a` minus that of `b` at the same recording time, one value for each picture of `a` with one of `b` beside it. Before the first of `b` and after
 * its last there is nothing beside it. */
export function apart(a: TrackAlignment, b: TrackAlignment): number[] {
  const others = b.pictures.toSorted((x, y) => x.atMs - y.atMs);
  const [fromMs, toMs] = [others[0]?.atMs ?? 0, others.at(-1)?.atMs ?? 0];
  let index = 0;
  return a.pictures
    .toSorted((x, y) => x.atMs - y.atMs)
    .flatMap(({ atMs, errorMs }) => {
      while (index < others.length - 1 && Math.abs(others[index + 1]!.atMs - atMs) <= Math.abs(others[index]!.atMs - atMs)) index++;
      const other = others[index];
      return other && atMs >= fromMs && atMs <= toMs && Math.abs(other.atMs - atMs) <= besideMs ? [errorMs - other.errorMs] : [];
    });
}

/** How far a track was off: what one picture in a hundred exceeds. */
export function worstOf(track: TrackAlignment): number {
  return percentile(
    track.pictures.map(({ errorMs }) => Math.abs(errorMs)),
    99,
  );
}

/** What a film of these very pictures would show at best: true time of `a` minus that of `b` in each picture of a film whose clocks are perfect, on the same
 * grid of 30 a second, where both came with that picture or the one before (`skewsOf`, fresh). Cameras that a machine starves make it worse than 33 ms. */
export function filmAtBest(a: TrackAlignment, b: TrackAlignment): number[] {
  const [one, other] = [a, b].map(({ pictures }) => pictures.map(({ atMs, errorMs }) => atMs - errorMs).sort((x, y) => x - y));
  const tickOf = (trueMs: number) => Math.round((trueMs * 30) / 1000);
  const shown = (times: number[], tick: number) => times.findLast((trueMs) => tickOf(trueMs) <= tick);
  const fromMs = Math.max(one![0] ?? 0, other![0] ?? 0) + 1000;
  const toMs = Math.min(one!.at(-1) ?? 0, other!.at(-1) ?? 0) - 1000;
  const skews: number[] = [];
  for (let tick = tickOf(fromMs); tick <= tickOf(toMs); tick++) {
    const [mine, theirs] = [shown(one!, tick), shown(other!, tick)];
    if (mine === undefined || theirs === undefined || tick - tickOf(Math.min(mine, theirs)) > 1) continue;
    skews.push(mine - theirs);
  }
  return skews;
}
