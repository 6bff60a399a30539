// The player: the film, complete or growing, what is shown in its place or over it, and its controls. Keys work while something in here has the focus.
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { WhisperTrack } from "../../../protocol/whispers.ts";
import { t } from "../words.ts";
import { CaptionButton, CaptionLine } from "./captionline.tsx";
import type { Chapter } from "./chapters.ts";
import { LiveButton, PlayButton, Settings } from "./controls.tsx";
import type { Debrief } from "./debrief.ts";
import { handleKey } from "./keys.ts";
import type { Playback } from "./playback.ts";
import { useSource } from "./source.ts";
import type { SpeakerFilm } from "./speaker.ts";
import { Timeline } from "./timeline.tsx";
import { People, SpeakerProgress, ViewMenu } from "./view.tsx";
import { Views } from "./views.ts";

export interface FilmProps {
  recording: Recording;
  playback: Playback;
  debrief: Debrief;
  speaker: SpeakerFilm;
  chapters: readonly Chapter[];
  whispers: readonly WhisperTrack[];
  /** The film's address no longer works: ask for a new one. */
  onStale: () => void;
}

export function Film(props: FilmProps) {
  const { playback, recording, speaker } = props;
  const frame = useRef<HTMLDivElement>(null);
  const views = useMemo(() => new Views(speaker), [speaker]);
  const view = views.shown.value;
  const mayTracks = props.debrief.may("download");
  const other = view.kind === "speaker" ? speaker.url.value : null;
  const onStale = () => {
    if (other) speaker.ask();
    else props.onStale();
  };
  const source = useSource(recording, other, playback, onStale);
  const poster = useRef(recording.composition.posterUrl ?? undefined);
  const lengthMs = playback.lengthMs.value ?? playback.edgeMs.value ?? recording.durationMs;
  const toggleFullScreen = () => void (document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen());
  const acts = {
    fullScreen: toggleFullScreen,
    person: (number: number) => {
      if (recording.composition.videoUrl) views.person(number, recording);
    },
    captions: () => props.debrief.captions.toggle(),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (handleKey(event, playback, acts)) event.preventDefault();
  };
  const onClick = () => {
    // From here on the keys are the film's.
    frame.current?.focus({ preventScroll: true });
    playback.toggle();
  };
  // Whose film grows again sees the film.
  useEffect(() => {
    if (!recording.composition.videoUrl) views.chosen.value = { kind: "film" };
  }, [recording.composition.videoUrl === null]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields of a form
    <div class="film" ref={frame} role="group" aria-label={t("review:film.name")} tabIndex={-1} onKeyDown={onKeyDown}>
      <div class="film-frame">
        <video
          ref={playback.attach}
          src={source.src}
          poster={source.src ? poster.current : undefined}
          class="film-video"
          aria-label={t("review:film.video")}
          preload="metadata"
          playsInline
          onClick={onClick}
          onError={source.onError}
          {...playback.handlers}
        />
        <People view={view} tracks={recording.tracks} mayTracks={mayTracks} playback={playback} onClick={onClick} onStale={props.onStale} />
        <CaptionLine book={props.debrief.captions} tracks={recording.tracks} playback={playback} />
      </div>
      <div class="film-controls">
        <PlayButton playback={playback} />
        <Timeline
          playback={playback}
          lengthMs={lengthMs}
          debrief={props.debrief}
          chapters={props.chapters}
          whispers={props.whispers}
          thumbnails={recording.composition.thumbnails}
        />
        <LiveButton playback={playback} />
        <Settings playback={playback} lengthMs={lengthMs} onFullScreen={toggleFullScreen}>
          <CaptionButton book={props.debrief.captions} />
          <ViewMenu views={views} recording={recording} />
        </Settings>
      </div>
      <SpeakerProgress speaker={speaker} lengthMs={recording.durationMs} />
    </div>
  );
}
