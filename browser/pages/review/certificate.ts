// How well everybody is in sync, in the words of the page: one sentence for the film, some for each person. No arithmetic beyond picking the worst.
// Promise: says no more than the figures do; what is uncertain is called uncertain, and why.
import type { Recording, Track } from "../../../protocol/api.ts";
import { locale, t } from "../words.ts";

export interface Certificate {
  /** For the film as a whole. */
  headline: string;
  /** "fine": no viewer can notice; "rough": some may; "poor": anybody would, if it were that far off. */
  grade: "fine" | "rough" | "poor";
  /** Sentences that say what the headline means and rests on. */
  explained: string[];
}

/** One picture of the film. */
const pictureMs = 1000 / 30;
/** Sound that is off against lips by more is noticed by many (ITU-R BT.1359: 45 ms early, 125 ms late). */
const noticedMs = 125;

/** "8 ms", "1.2 seconds": rounded up, so that it stays true. */
export function withinText(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  if (whole < 1000) return t("review:sync.ms", { n: whole });
  return t("review:sync.seconds", { n: (Math.ceil(whole / 100) / 10).toLocaleString(locale(), oneDigit) });
}

const oneDigit = { minimumFractionDigits: 1, maximumFractionDigits: 1 };

/** Null: with fewer than two people there is nothing to be in sync with. */
export function certificateOf(recording: Recording): Certificate | null {
  const people = worstOfEach(recording.tracks.filter(isPlaced));
  const [first, second] = people.toSorted((a, b) => b.clock.uncertaintyMs - a.clock.uncertaintyMs);
  if (!first || !second) return null;
  const ms = first.clock.uncertaintyMs + second.clock.uncertaintyMs;
  const within = withinText(ms);
  const least = t("review:sync.least", { one: second.participant.name, other: first.participant.name });
  const pictures = t("review:sync.pictures", { pictures: Math.ceil(ms / pictureMs) });
  return {
    headline: t("review:sync.headline", { within }),
    grade: ms <= pictureMs ? "fine" : ms <= noticedMs ? "rough" : "poor",
    explained: [
      t(people.length > 2 ? "review:sync.several" : "review:sync.two", { within }),
      ms <= pictureMs ? t("review:sync.onePicture") : people.length > 2 ? `${pictures} ${least}` : pictures,
      heardSentence(people),
    ],
  };
}

/** What is to be said of one person's part, the most important first. */
export function sentencesOf(track: Track): string[] {
  if (!isPlaced(track)) return [];
  const { clock, hearing } = track;
  const { name } = track.participant;
  const place = hearing?.verdict === "confirmed" ? "review:sync.placeHeard" : "review:sync.place";
  const sentences = [t(place, { within: withinText(clock.uncertaintyMs) })];
  if (hearing?.verdict === "corrected") sentences.push(t("review:sync.moved", { by: withinText(Math.abs(hearing.correctionMs)), name }));
  const reasons = (clock.doubts ?? []).map((doubt) => t(`review:sync.why.${doubt}`, { name }));
  if (reasons.length > 0) sentences.push(t("review:sync.doubt", { reasons: reasons.join(t("review:sync.also")) }));
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
  if (corrected.length > 0) return t("review:sync.put", { names: corrected.join(t("review:sync.andOf")) });
  return t(heard.length === people.length ? "review:sync.confirmed" : "review:sync.unheard");
}
