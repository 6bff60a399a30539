// The menu of views, what is said while another film is being made, and people's own tracks on the screen, in time with the film.
import { LayoutGrid, LoaderCircle } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Recording, Track } from "../../../protocol/api.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { follow } from "./follower.ts";
import type { Playback } from "./playback.ts";
import type { SpeakerFilm } from "./speaker.ts";
import { keyOf, peopleOf, pictureOf, trackName, type View, type Views, viewName, viewOf, watchable } from "./views.ts";

/** Nothing while the film still grows: tracks are whole only then. */
export function ViewMenu({ views, recording }: { views: Views; recording: Recording }) {
  const people = watchable(recording.tracks);
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

interface PeopleProps {
  view: View;
  tracks: Track[];
  /** False: by a link that is for looking only, to which their pictures are shown and their tracks not given. */
  mayTracks: boolean;
  playback: Playback;
  onClick: () => void;
  onStale: () => void;
}

/** Over the film's picture, whose time and sound go on beneath. */
export function People(props: PeopleProps) {
  const { view, playback } = props;
  const people = peopleOf(view, props.tracks);
  if (people.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: as on the film itself, a second way for the pointer; the button and the keys are beside
    // biome-ignore lint/a11y/useKeyWithClickEvents: the same
    <div class={`people ${people.length > 1 ? "beside" : ""}`} onClick={props.onClick}>
      {people.map((track, index) => (
        <OnePerson
          key={track.id}
          track={track}
          url={pictureOf(track, props.mayTracks)}
          large={index === 0}
          playback={playback}
          onStale={props.onStale}
        />
      ))}
    </div>
  );
}

interface OnePersonProps {
  track: Track;
  url: string;
  large: boolean;
  playback: Playback;
  onStale: () => void;
}

function OnePerson({ track, url, large, playback, onStale }: OnePersonProps) {
  const video = useRef<HTMLVideoElement>(null);
  /** Every answer signs it anew; the element keeps the first one until it fails. */
  const address = useRef(url);
  const stale = useRef(false);
  if (stale.current && address.current !== url) {
    stale.current = false;
    address.current = url;
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
