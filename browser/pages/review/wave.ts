// What a lane under the film is drawn from: when somebody spoke, when over another, and how loud they were. Pure.
import type { Peaks } from "../../../protocol/api.ts";
import type { Span } from "../../../protocol/feedback.ts";

/** A lane is so many units wide, however long the film is. */
export const laneWidth = 1000;
/** And so high: who spoke above, how loud they were beneath. */
export const laneHeight = 10;
const speechHeight = 6;
const waveHeight = 3.5;
/** As many steps as can be told apart: a wide screen shows two pixels of each. */
const columns = 500;
/** Below full scale, dB: what is softer is drawn as nothing, what is louder as high as it goes. */
const softDb = 60;
const loudDb = 6;

export function spansPath(spans: readonly Span[], lengthMs: number): string {
  const at = (ms: number) => ((ms / lengthMs) * laneWidth).toFixed(2);
  return spans.map(({ fromMs, toMs }) => `M${at(fromMs)} 0H${at(toMs)}V${speechHeight}H${at(fromMs)}Z`).join("");
}

/** From one end to the other, standing on the lane's lower edge; "": nothing is to be heard. */
export function wavePath({ perSecond, levels }: Peaks, lengthMs: number): string {
  const perColumn = (lengthMs / 1000) * (perSecond / columns);
  let path = "";
  let heard = false;
  for (let column = 0; column < columns; column++) {
    let level = softDb;
    // A short film has less than one of them in a column.
    const to = Math.max(Math.floor(column * perColumn) + 1, Math.ceil((column + 1) * perColumn));
    for (let index = Math.floor(column * perColumn); index < to; index++) level = Math.min(level, levels[index] ?? softDb);
    const high = Math.min(1, (softDb - level) / (softDb - loudDb)) * waveHeight;
    heard ||= high > 0;
    path += `V${(laneHeight - high).toFixed(1)}H${((column + 1) / columns) * laneWidth}`;
  }
  return heard ? `M0 ${laneHeight}${path}V${laneHeight}Z` : "";
}

/** Of the times at which two or more spoke, those at which this one did. Both in order, without overlaps of their own. */
export function overlapsOf(speech: readonly Span[], overlaps: readonly Span[]): Span[] {
  const own: Span[] = [];
  for (let [mine, both] = [0, 0]; mine < speech.length && both < overlaps.length; ) {
    const fromMs = Math.max(speech[mine]!.fromMs, overlaps[both]!.fromMs);
    const toMs = Math.min(speech[mine]!.toMs, overlaps[both]!.toMs);
    if (fromMs < toMs) own.push({ fromMs, toMs });
    if (speech[mine]!.toMs <= overlaps[both]!.toMs) mine++;
    else both++;
  }
  return own;
}
