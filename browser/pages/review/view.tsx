// The menu of views, what is said while another film is being made, and people's own tracks on the screen, in time with the film.
import { LayoutGrid, LoaderCircle } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Recording, Track } from "../../../protocol/api.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { follow } from "./follower.ts";
import type { Playback } from "./playback.ts";
import type { SpeakerFilm } from "./speaker.ts";
import { keyOf, peopleOf, trackName, type View, type Views, viewName, viewOf, watchable } from "./views.ts";

/** `mayTracks` false: by a link that opens no tracks. Nothing while the film still grows: tracks are whole only then. */
export function ViewMenu({ views, recording, mayTracks }: { views: Views; recording: Recording; mayTracks: boolean }) {
  const people = mayTracks ? watchable(recording.tracks) : [];
  if (!recording.composition.videoUrl) return null;
  const option = (view: View) => (
    <option key={keyOf(view)} value={keyOf(view)}>
      {viewName(view, recording.tracks)}
    </option>
  );
  return (
    <div class="film-menu film-view">
      <LayoutGrid size={20} aria-hidden="true" />
      <select
        aria-label={t("review:view.label")}
        value={keyOf(views.chosen.value)}
        onChange={(event) => views.choose(viewOf(event.currentTarget.value), recording)}
      >
        {option({ kind: "film" })}
        {option({ kind: "speaker" })}
        {people.length > 1 && (
          <optgroup label={t("review:view.largeGroup")}>{people.map(({ id }) => option({ kind: "large", trackId: id }))}</optgroup>
        )}
        {people.length > 0 && (
          <optgroup label={t("review:view.aloneGroup")}>{people.map(({ id }) => option({ kind: "alone", trackId: id }))}</optgroup>
        )}
      </select>
    </div>
  );
}

/** While it is made; nothing once it is there. */
export function SpeakerProgress({ speaker, lengthMs }: { speaker: SpeakerFilm; lengthMs: number }) {
  const film = speaker.film.value;
  if (speaker.failure.value)
    return (
      <div class="film-note">
        <p role="alert">{speaker.failure.value}</p>
        <button type="button" class="button small" onClick={() => speaker.ask()}>
          {t("review:speaker.again")}
        </button>
      </div>
    );
  if (!film || film.state === "ready") return null;
  return (
    <div class="film-note">
      <p role="status">{t("review:speaker.making")}</p>
      <progress aria-label={t("review:speaker.progress")} max={Math.max(1, lengthMs)} value={film.watermarkMs} />
      <span class="clock">
        {clockText(film.watermarkMs)} / {clockText(lengthMs)}
      </span>
    </div>
  );
}

/** Over the film's picture, whose time and sound go on beneath. */
export function People(props: { view: View; tracks: Track[]; playback: Playback; onClick: () => void; onStale: () => void }) {
  const { view, playback } = props;
  const people = peopleOf(view, props.tracks);
  if (people.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: as on the film itself, a second way for the pointer; the button and the keys are beside
    // biome-ignore lint/a11y/useKeyWithClickEvents: the same
    <div class={`people ${people.length > 1 ? "beside" : ""}`} onClick={props.onClick}>
      {people.map((track, index) => (
        <OnePerson key={track.id} track={track} large={index === 0} playback={playback} onStale={props.onStale} />
      ))}
    </div>
  );
}

function OnePerson({ track, large, playback, onStale }: { track: Track; large: boolean; playback: Playback; onStale: () => void }) {
  const video = useRef<HTMLVideoElement>(null);
  /** Every answer signs it anew; the element keeps the first one until it fails. */
  const address = useRef(track.mediaUrl);
  const stale = useRef(false);
  if (stale.current && address.current !== track.mediaUrl) {
    stale.current = false;
    address.current = track.mediaUrl;
  }
  useEffect(() => (video.current ? follow(() => playback.video, video.current) : undefined), [playback]);
  const name = trackName(track);
  return (
    <figure class={`person ${large ? "large" : ""}`}>
      <video
        ref={video}
        src={address.current}
        muted
        playsInline
        preload="auto"
        aria-label={name}
        onWaiting={(event) => event.currentTarget.parentElement?.classList.add("waits")}
        onPlaying={(event) => event.currentTarget.parentElement?.classList.remove("waits")}
        onCanPlay={(event) => event.currentTarget.parentElement?.classList.remove("waits")}
        onLoadStart={(event) => event.currentTarget.parentElement?.classList.add("waits")}
        onError={() => {
          if (stale.current) return;
          stale.current = true;
          onStale();
        }}
      />
      <figcaption>{name}</figcaption>
      <LoaderCircle class="person-waits" size={20} aria-hidden="true" />
    </figure>
  );
}
