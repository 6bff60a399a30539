// How well everybody is in sync, in the words of the page: one sentence for the film, some for each person. No arithmetic beyond picking the worst.
// Promise: says no more than the figures do; what is uncertain is called uncertain, and why.
import type { Recording, Track } from "../../../protocol/api.ts";

export interface Certificate {
  /** For the film as a whole. */
  headline: string;
  /** "fine": no viewer can notice; "rough": some may; "poor": anybody would, if it were that far off. */
  grade: "fine" | "rough" | "poor";
  /** Sentences that say what the headline means and rests on. */
  explained: string[];
}

type Doubt = NonNullable<Track["clock"]["doubts"]>[number];

/** One picture of the film. */
const pictureMs = 1000 / 30;
/** Sound that is off against lips by more is noticed by many (ITU-R BT.1359: 45 ms early, 125 ms late). */
const noticedMs = 125;

const why: Record<Doubt, (name: string) => string> = {
  path: (name) => `the way between ${name}'s browser and the server was long, and how long in each direction cannot be measured`,
  busy: (name) => `${name}'s computer was so busy that its recorder lost time, which was put back as closely as it could be found`,
  start: (name) => `${name}'s browser does not tell exactly when its recorder began`,
  undated: (name) => `${name}'s browser never got to compare its clock with the server's, so the computer's own time of day was used`,
};

/** "8 ms", "1.2 seconds": rounded up, so that it stays true. */
export function withinText(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  return whole < 1000 ? `${whole} ms` : `${(Math.ceil(whole / 100) / 10).toFixed(1)} seconds`;
}

/** Null: with fewer than two people there is nothing to be in sync with. */
export function certificateOf(recording: Recording): Certificate | null {
  const people = worstOfEach(recording.tracks.filter(isPlaced));
  const [first, second] = people.toSorted((a, b) => b.clock.uncertaintyMs - a.clock.uncertaintyMs);
  if (!first || !second) return null;
  const ms = first.clock.uncertaintyMs + second.clock.uncertaintyMs;
  const names = `${second.participant.name} and ${first.participant.name}`;
  return {
    headline: `In sync within ${withinText(ms)}`,
    grade: ms <= pictureMs ? "fine" : ms <= noticedMs ? "rough" : "poor",
    explained: [
      `What happened at the same moment is shown and heard within ${withinText(ms)} of one another${people.length > 2 ? ", whoever you compare" : ""}.`,
      ms <= pictureMs
        ? "That is less than one picture of the film lasts."
        : `That is about as long as ${Math.ceil(ms / pictureMs)} pictures of the film.${people.length > 2 ? ` ${names} are the two known least well.` : ""}`,
      heardSentence(people),
    ],
  };
}

/** What is to be said of one person's part, the most important first. */
export function sentencesOf(track: Track): string[] {
  if (!isPlaced(track)) return [];
  const { participant, clock, hearing } = track;
  const sentences = [
    `In place within ${withinText(clock.uncertaintyMs)}${hearing?.verdict === "confirmed" ? ", confirmed by what was heard" : ""}.`,
  ];
  if (hearing?.verdict === "corrected")
    sentences.push(
      `Moved by ${withinText(Math.abs(hearing.correctionMs))}: what people heard of one another showed that ${participant.name}'s clock was off.`,
    );
  const reasons = (clock.doubts ?? []).map((doubt) => why[doubt](participant.name));
  if (reasons.length > 0) sentences.push(`It cannot be known better: ${reasons.join("; and ")}.`);
  return sentences;
}

function isPlaced(track: Track): boolean {
  return track.segments.length > 0 && track.clock.uncertaintyMs > 0;
}

function worstOfEach(tracks: readonly Track[]): Track[] {
  const worst = new Map<string, Track>();
  for (const track of tracks) {
    const known = worst.get(track.participant.id);
    if (!known || known.clock.uncertaintyMs < track.clock.uncertaintyMs) worst.set(track.participant.id, track);
  }
  return [...worst.values()];
}

function heardSentence(people: readonly Track[]): string {
  const heard = people.filter(({ hearing }) => hearing);
  const corrected = heard.filter(({ hearing }) => hearing?.verdict === "corrected").map(({ participant }) => participant.name);
  if (corrected.length > 0) return `The clock of ${corrected.join(" and of ")} was off; what people heard of one another put it right.`;
  if (heard.length === people.length) return "The clocks say so, and what people heard of one another confirms it.";
  return "The clocks say so. There was not enough speech to check it by what people heard of one another.";
}
