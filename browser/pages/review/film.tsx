// The player: the film, complete or growing, and its controls. Keys work while something in here has the focus.
import { useRef } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import { t } from "../words.ts";
import { LiveButton, PlayButton, Settings } from "./controls.tsx";
import type { Debrief } from "./debrief.ts";
import { handleKey } from "./keys.ts";
import type { Playback } from "./playback.ts";
import { useSource } from "./source.ts";
import { Timeline } from "./timeline.tsx";

export interface FilmProps {
  recording: Recording;
  playback: Playback;
  debrief: Debrief;
  /** The film's address no longer works: ask for a new one. */
  onStale: () => void;
}

export function Film(props: FilmProps) {
  const { playback, recording } = props;
  const frame = useRef<HTMLDivElement>(null);
  const source = useSource(recording, playback, props.onStale);
  const poster = useRef(recording.composition.posterUrl ?? undefined);
  const lengthMs = playback.lengthMs.value ?? playback.edgeMs.value ?? recording.durationMs;
  const toggleFullScreen = () => void (document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen());
  const onKeyDown = (event: KeyboardEvent) => {
    if (handleKey(event, playback, toggleFullScreen)) event.preventDefault();
  };
  const onClick = () => {
    // From here on the keys are the film's.
    frame.current?.focus({ preventScroll: true });
    playback.toggle();
  };
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
      </div>
      <div class="film-controls">
        <PlayButton playback={playback} />
        <Timeline playback={playback} lengthMs={lengthMs} debrief={props.debrief} thumbnails={recording.composition.thumbnails} />
        <LiveButton playback={playback} />
        <Settings playback={playback} lengthMs={lengthMs} onFullScreen={toggleFullScreen} />
      </div>
    </div>
  );
}
