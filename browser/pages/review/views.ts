// What of the recording is on the screen: its own film, the one with whoever speaks large, or people's own tracks in its place.
// Promise: whatever is shown, the moment and the sound stay the film's.
import { computed, signal } from "@preact/signals";
import type { Recording, Track } from "../../../protocol/api.ts";
import { announce } from "../announce.tsx";
import { t } from "../words.ts";
import type { SpeakerFilm } from "./speaker.ts";

export type View = { kind: "film" } | { kind: "speaker" } | { kind: "large" | "alone"; trackId: string };

/** Beside the large one; more would be too small to see anything of. */
const mostBeside = 6;
const film: View = { kind: "film" };

export class Views {
  readonly chosen = signal<View>(film);
  /** What is really shown: until the other film is there, what was shown before. */
  readonly shown = computed<View>(() => (this.chosen.value.kind === "speaker" && !this.speaker.url.value ? film : this.chosen.value));

  constructor(readonly speaker: SpeakerFilm) {}

  choose(view: View, recording: Recording): void {
    this.chosen.value = view;
    if (view.kind === "speaker") this.speaker.ask();
    announce(viewName(view, recording.tracks));
  }

  /** By a number key: nobody at 0, else a person large, and the same person again alone. */
  person(number: number, recording: Recording): void {
    const track = watchable(recording.tracks)[number - 1];
    if (number !== 0 && !track) return;
    const now = this.chosen.value;
    const again = now.kind === "large" && now.trackId === track?.id;
    this.choose(track ? { kind: again ? "alone" : "large", trackId: track.id } : film, recording);
  }
}

/** Tracks with something to see, in the order of the film. */
export function watchable(tracks: readonly Track[]): Track[] {
  return tracks.filter(({ state, segments }) => state !== "recording" && segments.some(({ mimeType }) => mimeType.startsWith("video/")));
}

/** Who is on the screen in this view, the large one first; nobody: it is a film. */
export function peopleOf(view: View, tracks: readonly Track[]): Track[] {
  if (view.kind === "film" || view.kind === "speaker") return [];
  const all = watchable(tracks);
  const large = all.filter(({ id }) => id === view.trackId);
  return view.kind === "alone" ? large : [...large, ...all.filter(({ id }) => id !== view.trackId).slice(0, mostBeside)];
}

/** The file that whoever may take tracks home has anyway, so that the server need not make another one of each; else the one without sound. */
export function pictureOf({ mediaUrl, pictureUrl }: Pick<Track, "mediaUrl" | "pictureUrl">, mayTracks: boolean): string {
  return mayTracks ? mediaUrl : pictureUrl;
}

/** As text, for a menu. */
export function keyOf(view: View): string {
  return "trackId" in view ? `${view.kind} ${view.trackId}` : view.kind;
}

export function viewOf(key: string): View {
  const [kind = "", trackId = ""] = key.split(" ");
  if (kind === "large" || kind === "alone") return { kind, trackId };
  return kind === "speaker" ? { kind } : film;
}

export function viewName(view: View, tracks: readonly Track[]): string {
  if (!("trackId" in view)) return t(`review:view.${view.kind}`);
  const track = tracks.find(({ id }) => id === view.trackId);
  return t(`review:view.${view.kind}`, { name: track ? trackName(track) : "" });
}

export function trackName({ participant: { name }, source }: Pick<Track, "participant" | "source">): string {
  return source === "screen" ? t("review:waiting.screenOf", { name }) : name;
}
