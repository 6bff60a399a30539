// Where a segment's picture would stand still for long: its bytes are damaged there, or its device lost the time. Pure.
// Promise: a card says so instead, from the last picture on; what is shorter is held, for a card would only flash.
import type { Gap } from "../../protocol/recording.ts";
import type { TimelineSegment, TimelineTrack } from "../../protocol/timeline.ts";
import { tickOf } from "./place.ts";
import type { Span } from "./spans.ts";

/** A picture that stands still for longer has people wonder. */
const heldMs = 1000;
/** Where a map is steeper, what little media there is has stretched to a standstill; time that was lost bit by bit only slows pictures down. */
const standing = 2;

interface Frozen {
  fromTick: number;
  toTick: number;
  reason: Gap["reason"];
}

/** In order; they do not overlap. */
export function frozenOf({ gaps, segments }: Pick<TimelineTrack, "gaps" | "segments">): Frozen[] {
  const long = gaps.filter(({ fromMs, toMs }) => toMs - fromMs > heldMs);
  const found: Gap[] = long.filter(({ reason }) => reason === "damaged");
  if (long.some(({ reason }) => reason === "slip")) for (const segment of segments) found.push(...standstillsOf(segment));
  const frozen: Frozen[] = [];
  for (const { fromMs, toMs, reason } of found.sort((a, b) => a.fromMs - b.fromMs)) {
    const last = frozen.at(-1);
    if (last && tickOf(fromMs) <= last.toTick) last.toTick = Math.max(last.toTick, tickOf(toMs));
    else frozen.push({ fromTick: tickOf(fromMs), toTick: tickOf(toMs), reason });
  }
  return frozen;
}

/** By the map and not by the gap that names it: the map is settled, so that what is composed keeps its place. */
function standstillsOf({ map }: TimelineSegment): Gap[] {
  const found: Gap[] = [];
  for (const [index, knee] of map.slice(1).entries()) {
    const before = map[index]!;
    const forMs = knee.atMs - before.atMs;
    if (forMs > heldMs && forMs > (knee.mediaMs - before.mediaMs) * standing)
      found.push({ fromMs: before.atMs, toMs: knee.atMs, reason: "slip" });
  }
  return found;
}

/** These spans with cards where the picture would stand still. Both in order. */
export function withCards(spans: readonly Span[], frozen: readonly Frozen[], words: Record<Gap["reason"], string>): Span[] {
  const out: Span[] = [];
  let next = 0;
  for (const span of spans) {
    let tick = span.fromTick;
    const add = (toTick: number, shown: Span) => {
      if (toTick > tick) out.push({ ...shown, fromTick: tick, toTick });
      tick = Math.max(tick, toTick);
    };
    for (; span.segment !== null && next < frozen.length && frozen[next]!.fromTick < span.toTick; next++) {
      const { fromTick, toTick, reason } = frozen[next]!;
      add(fromTick, span);
      if (toTick > tick) add(Math.min(toTick, span.toTick), { ...span, segment: null, off: false, why: words[reason] });
      // It may go on in the next one.
      if (toTick > span.toTick) break;
    }
    add(span.toTick, span);
  }
  return out;
}
