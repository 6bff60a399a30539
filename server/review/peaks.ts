// A track's waveform: the levels that fell off when the film was composed, laid along the film. Pure; nothing is decoded for it.
import type { Peaks } from "../../protocol/api.ts";
import { peaksPerSecond } from "../../protocol/film.ts";
import { mapAt } from "../../protocol/knees.ts";
import type { TimelineTrack } from "../../protocol/timeline.ts";
import { levelMs, silenceDb, type VoiceLevels } from "../store/levels.ts";

const everyMs = 1000 / peaksPerSecond;

/** `measured`: by segment. `lengthMs`: of the film so far. */
export function peaksOf(track: TimelineTrack, measured: ReadonlyMap<string, readonly VoiceLevels[]>, lengthMs: number): Peaks {
  const levels = new Array<number>(Math.ceil(lengthMs / everyMs)).fill(silenceDb);
  for (const { id, map, soundMap = map, audioShiftMs } of track.segments) {
    for (const { fromMediaMs, levels: heard } of measured.get(id) ?? []) {
      // Straight from one end to the other: over a window's 3 s that is exact to a millisecond, except where time was lost.
      const fromMs = mapAt(soundMap, fromMediaMs) + audioShiftMs;
      const toMs = mapAt(soundMap, fromMediaMs + heard.length * levelMs) + audioShiftMs;
      const stepMs = (toMs - fromMs) / Math.max(1, heard.length);
      for (const [index, level] of heard.entries()) {
        const at = Math.floor((fromMs + (index + 0.5) * stepMs) / everyMs);
        if (at >= 0 && at < levels.length && level < levels[at]!) levels[at] = level;
      }
    }
  }
  return { perSecond: peaksPerSecond, levels };
}
