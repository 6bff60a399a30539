// `/v/<recording>#<key>`: the film with its timeline, comments, tracks; before that, what is still missing. Turns into the player by itself.
import { useEffect, useMemo } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import { Frame } from "../frame.tsx";
import { adminKey, linkKey } from "../key.ts";
import { type Loaded, useLoaded } from "../loaded.ts";
import { Occasion } from "../occasion.tsx";
import { isUnfinished, State } from "../state.tsx";
import { t } from "../words.ts";
import { ChapterList } from "./chapterlist.tsx";
import { chaptersOf } from "./chapters.ts";
import { Comments } from "./comments.tsx";
import { Debrief } from "./debrief.ts";
import { ReviewApi } from "./door.ts";
import { Film } from "./film.tsx";
import { GuidePanel } from "./guide.tsx";
import { Lanes } from "./lanes.tsx";
import { NotNow, NoWay } from "./noway.tsx";
import { Passphrase, unlockedKey } from "./passphrase.tsx";
import { Playback } from "./playback.ts";
import { RubricPanel } from "./rubric.tsx";
import { ScenePanel } from "./scene.tsx";
import { Sharing } from "./share.tsx";
import { SpeakerFilm } from "./speaker.ts";
import { Take } from "./take.tsx";
import "./captions.css";
import "./comments.css";
import "./debrief.css";
import "./film.css";
import "./review.css";
import { SyncCertificate } from "./sync.tsx";
import { Tracks } from "./tracks.tsx";
import { Transcript } from "./transcript.tsx";
import { Growth, isWatchable, Waiting } from "./waiting.tsx";
import { WhisperPanel } from "./whispers.tsx";
import { peopleOn } from "./who.ts";

const unfinishedMs = 1500;
/** A film that failed is tried again by the server, so this page keeps looking, less often. */
const failedMs = 10_000;
/** While it is recorded, people go on marking moments. */
const markedMs = 8000;

export function Review(props: { id: string }) {
  const link = linkKey();
  const key = link === null ? adminKey() : unlockedKey(link);
  if (!key) return <NoWay />;
  return <OpenReview id={props.id} api={new ReviewApi(key)} />;
}

function OpenReview(props: { id: string; api: ReviewApi }) {
  const api = useMemo(() => props.api, [props.id]);
  const loaded = useLoaded(() => api.recording(props.id), nextLook);
  const recording = loaded.value.value;
  useEffect(() => {
    document.title = `${recording?.roomName ?? t("review:door.recording")} · Doubletake`;
  }, [recording?.roomName]);
  const code = loaded.failure.value?.code;
  if (!recording && code === "passphrase-needed") return <Passphrase linkKey={props.api.key.split(".").slice(0, 2).join(".")} />;
  if (!recording && (code === "not-found" || code === "not-allowed" || code === "bad-request")) return <NoWay />;
  if (!recording && code === "gone") return <NoWay ended />;
  return (
    <Frame wide aside={recording && <State recording={recording} />}>
      {loaded.failure.value && !recording ? (
        <NotNow words={loaded.failure.value.message} />
      ) : recording ? (
        <Shown recording={recording} api={api} loaded={loaded} />
      ) : (
        <Skeleton />
      )}
    </Frame>
  );
}

function nextLook(recording: Recording): number | null {
  if (isUnfinished(recording)) return unfinishedMs;
  return recording.composition.videoUrl ? null : failedMs;
}

function Shown(props: { recording: Recording; api: ReviewApi; loaded: Loaded<Recording> }) {
  const { recording, api } = props;
  const playback = useMemo(() => new Playback(), []);
  const debrief = useMemo(() => new Debrief(recording.id, api), [recording.id, api]);
  const speaker = useMemo(() => new SpeakerFilm(recording.id, api), [recording.id, api]);
  useEffect(() => () => speaker.close(), [speaker]);
  useEffect(() => debrief.open(), [debrief]);
  useEffect(() => {
    debrief.who.people.value = peopleOn(recording);
  }, [debrief, recording]);
  const marked = useLoaded(
    () => api.bookmarks(recording.id),
    () => (isUnfinished(recording) ? markedMs : null),
  );
  const whispered = useLoaded(
    () => api.whispers(recording.id),
    () => (isUnfinished(recording) ? markedMs : null),
  );
  const whispers = whispered.value.value ?? [];
  // Marked, or whispered, in its last seconds, too.
  useEffect(() => {
    marked.again();
    whispered.again();
  }, [recording.state]);
  const bookmarks = marked.value.value;
  const chapters = useMemo(() => chaptersOf(bookmarks ?? [], recording.durationMs), [bookmarks, recording.durationMs]);
  return (
    <div class="review">
      <div class="review-film">
        {isWatchable(recording) ? (
          <Film
            recording={recording}
            playback={playback}
            debrief={debrief}
            speaker={speaker}
            chapters={chapters}
            whispers={whispers}
            onStale={props.loaded.again}
          />
        ) : (
          <Waiting recording={recording} />
        )}
        <Growth recording={recording} />
      </div>
      <div class="review-head">
        <h1>{recording.roomName}</h1>
        <Occasion recording={recording} />
        <SyncCertificate recording={recording} />
      </div>
      <Comments recording={recording} playback={playback} debrief={debrief} />
      <div class="review-more">
        <ChapterList chapters={chapters} playback={playback} />
        {whispers.length > 0 && <WhisperPanel recording={recording} api={api} playback={playback} whispers={whispers} />}
        {recording.scenario && <ScenePanel recording={recording} api={api} debrief={debrief} />}
        <Transcript recording={recording} debrief={debrief} playback={playback} />
        <Lanes recording={recording} api={api} playback={playback} />
        <RubricPanel recording={recording} debrief={debrief} playback={playback} />
        <Tracks
          recording={recording}
          playback={playback}
          speaker={speaker}
          mayDownload={debrief.may("download")}
          fuller={debrief.may("host") && (whispers.length > 0 || recording.scenario !== undefined)}
        />
        {debrief.may("download") && <Take recording={recording} debrief={debrief} />}
        {debrief.may("host") && <Sharing recording={recording} api={api} />}
        {debrief.may("host") && <GuidePanel recording={recording} debrief={debrief} />}
      </div>
    </div>
  );
}

function Skeleton() {
  return (
    <div class="review" aria-hidden="true">
      <div class="review-film">
        <div class="film-frame skeleton" />
      </div>
      <div class="review-head">
        <div class="skeleton title" />
      </div>
    </div>
  );
}
