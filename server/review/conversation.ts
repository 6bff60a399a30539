// What a conversation was like, from when each of its people spoke. Pure.
//
// Terms as in M. Heldner and J. Edlund, "Pauses, gaps and overlaps in conversations", Journal of Phonetics 38(4), 2010: silence within somebody's talk is a
// pause, silence between two speakers a gap, and a reply that begins before the other has ended has a negative gap.
import type { Measures, Span } from "../../protocol/feedback.ts";
import { joined } from "./speech.ts";

export interface Speaker {
  id: string;
  name: string;
  speech: Span[];
}

/** A pause shorter than this does not end a turn. */
const pauseMs = 1000;
/** A turn shorter than this, while the other speaks on, is a nod in sound ("mhm") and takes no turn. */
const nodMs = 700;
/** Of one another's speech, shorter than this is no overlap anybody would notice. */
const overlapMs = 150;
/** Nobody speaks for so long: a long silence. */
const silenceMs = 3000;
/** What comes later is no answer to what was said. */
const replyMostMs = 10_000;

interface Turn extends Span {
  who: number;
}

/** `lengthMs`: how much was listened to. `unheard`: where nobody was recorded, which says nothing about who was silent. */
export function measuresOf(speakers: readonly Speaker[], lengthMs: number, unheard: readonly Span[] = []): Measures {
  const turns = turnsOf(speakers);
  const talk = speakers.map(({ speech }) => lengthOf(speech));
  const everybody = talk.reduce((sum, one) => sum + one, 0);
  const overlaps = overlapsOf(speakers);
  return {
    measuredMs: lengthMs,
    people: speakers.map(({ id, name, speech }, who) => ({
      id,
      name,
      speech,
      talkMs: talk[who]!,
      share: everybody === 0 ? 0 : talk[who]! / everybody,
      turns: turns.filter((turn) => turn.who === who).length,
      turnMs: middle(turns.filter((turn) => turn.who === who).map(({ fromMs, toMs }) => toMs - fromMs)),
      replyMs: middle(repliesOf(turns, who)),
    })),
    overlaps,
    overlapMs: lengthOf(overlaps),
    silences: everybody === 0 ? [] : silencesOf(speakers, lengthMs, unheard),
  };
}

/** In order of their beginnings. */
function turnsOf(speakers: readonly Speaker[]): Turn[] {
  const all = speakers
    .flatMap(({ speech }, who) => joined(speech, pauseMs).map((span) => ({ ...span, who })))
    .toSorted((a, b) => a.fromMs - b.fromMs);
  const nods = (turn: Turn) =>
    turn.toMs - turn.fromMs < nodMs &&
    all.some((other) => other.who !== turn.who && other.fromMs <= turn.fromMs && other.toMs >= turn.toMs);
  const taken: Turn[] = [];
  for (const turn of all.filter((one) => !nods(one))) {
    const last = taken.at(-1);
    // Nobody else has spoken in between: still the same turn.
    if (last?.who === turn.who) last.toMs = Math.max(last.toMs, turn.toMs);
    else taken.push({ ...turn });
  }
  return taken;
}

function repliesOf(turns: readonly Turn[], who: number): number[] {
  return turns.flatMap((turn, index) => {
    const before = turns[index - 1];
    return turn.who === who && before && turn.fromMs - before.toMs <= replyMostMs ? [turn.fromMs - before.toMs] : [];
  });
}

function overlapsOf(speakers: readonly Speaker[]): Span[] {
  const edges = speakers
    .flatMap(({ speech }) =>
      speech.flatMap(({ fromMs, toMs }) => [
        { atMs: fromMs, by: 1 },
        { atMs: toMs, by: -1 },
      ]),
    )
    .toSorted((a, b) => a.atMs - b.atMs || a.by - b.by);
  const out: Span[] = [];
  let speaking = 0;
  let fromMs = 0;
  for (const { atMs, by } of edges) {
    if (speaking === 1 && by === 1) fromMs = atMs;
    if (speaking === 2 && by === -1 && atMs - fromMs >= overlapMs) out.push({ fromMs, toMs: atMs });
    speaking += by;
  }
  return out;
}

function silencesOf(speakers: readonly Speaker[], lengthMs: number, unheard: readonly Span[]): Span[] {
  const taken = joined(
    [...speakers.flatMap(({ speech }) => speech), ...unheard].toSorted((a, b) => a.fromMs - b.fromMs),
    1,
  );
  const out: Span[] = [];
  let fromMs = 0;
  for (const span of [...taken, { fromMs: lengthMs, toMs: lengthMs }]) {
    if (span.fromMs - fromMs >= silenceMs) out.push({ fromMs, toMs: span.fromMs });
    fromMs = Math.max(fromMs, span.toMs);
  }
  return out;
}

function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

/** The median, which one long pause does not move. */
function middle(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0 ? null : Math.round(sorted[Math.floor(sorted.length / 2)]!);
}
