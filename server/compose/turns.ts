// Whose turn it is to be large: from how loud everybody was, every 400 ms, as it was measured when the film was composed. Pure.
// Promise: nobody becomes large for a cough, nobody flickers, and what follows later changes nothing before it.
import type { Timeline } from "../../protocol/timeline.ts";
import { lufsOf } from "./evening.ts";
import { type Ledger, leading } from "./ledger.ts";
import { ticksPerSecond } from "./place.ts";
import type { Turn } from "./window.ts";
import { windowTicks } from "./window.ts";

/** Quieter than this is not speaking, LUFS; once one's own gain is on it. */
const speaking = -42;
/** Somebody else has to be so much louder, LU. */
const lead = 3;
/** For so many of the last looks. */
const lasting = [3, 4] as const;
/** Whoever is large stays so for at least so many looks. */
const leastLooks = 5;
const ticksPerLook = ticksPerSecond * 0.4;

/** `tracks`: cameras, in their order on the film. Where nobody has spoken yet the first of them is large. */
export function turnsOf(timeline: Timeline, ledger: Ledger): Turn[] {
  const cameras = timeline.tracks.filter(({ source }) => source === "camera").map(({ id }) => id);
  const names = (ledger.evenness ?? []).map(({ track }) => track);
  const turns: Turn[] = cameras[0] ? [{ fromTick: 0, trackId: cameras[0] }] : [];
  /** Who was louder than whoever is large, in the last looks; null: nobody. */
  let ahead: (string | null)[] = [];
  let since = leastLooks;
  for (const window of leading(ledger)) {
    const heard = (window.heard ?? []).map(([index, db, letters]) => ({ track: names[index] ?? "", db, letters }));
    for (let look = 0; look * ticksPerLook < window.ticks; look++) {
      const levels = new Map(
        heard
          .filter(({ track }) => cameras.includes(track))
          .map(({ track, db, letters }) => [track, lufsOf(letters[look] ?? ".") + db] as const),
      );
      const large = turns.at(-1)?.trackId ?? null;
      const least = Math.max(speaking, (large === null ? speaking : (levels.get(large) ?? speaking)) + lead);
      const [loudest] = [...levels].filter(([track, level]) => track !== large && level >= least).sort((a, b) => b[1] - a[1]);
      ahead = [...ahead, loudest?.[0] ?? null].slice(-lasting[1]);
      since += 1;
      if (!loudest || since < leastLooks || ahead.filter((track) => track === loudest[0]).length < lasting[0]) continue;
      // From where they began to speak on, as far as that was within the looks.
      const began = look - (ahead.length - 1 - ahead.indexOf(loudest[0]));
      const fromTick = Math.max((turns.at(-1)?.fromTick ?? -1) + 1, window.index * windowTicks + Math.round(began * ticksPerLook));
      turns.push({ fromTick, trackId: loudest[0] });
      ahead = [];
      since = 0;
    }
  }
  return turns;
}
