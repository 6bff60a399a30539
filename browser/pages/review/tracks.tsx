// What there is to take home: the film, everybody's own track; and, in words, what is missing from them.
import { AudioLines, Download, FileArchive, TriangleAlert, UserRound } from "lucide-preact";
import type { Recording, Track } from "../../../protocol/api.ts";
import { sizeText } from "../size.ts";
import { clockText } from "../time.ts";
import { locale, t } from "../words.ts";
import { sentencesOf } from "./certificate.ts";
import type { Playback } from "./playback.ts";
import { problemsOf } from "./problems.ts";
import type { SpeakerFilm } from "./speaker.ts";

/** What is shown before a gap, so that one sees it come. */
const beforeMs = 1000;

export interface TracksProps {
  recording: Recording;
  playback: Playback;
  speaker: SpeakerFilm;
  /** False: by a link that is for looking only, which the server holds to it. */
  mayDownload: boolean;
  /** The zip has in it what only the host may have. */
  fuller: boolean;
}

export function Tracks({ recording, playback, speaker, mayDownload, fuller }: TracksProps) {
  const { composition, tracks, bundleUrl } = recording;
  const problems = problemsOf(recording);
  return (
    <section class="tracks" aria-labelledby="tracks">
      <div class="tracks-head">
        <h2 id="tracks">{t("review:tracks.title")}</h2>
        {mayDownload && (composition.videoUrl || bundleUrl) && (
          <div class="row">
            {composition.videoUrl && (
              <a class="button" href={composition.videoUrl} download>
                <Download size={20} aria-hidden="true" />
                {t("review:tracks.video")}
              </a>
            )}
            {composition.audioUrl && (
              <a class="button quiet" href={composition.audioUrl} download>
                <AudioLines size={20} aria-hidden="true" />
                {t("review:tracks.sound")}
              </a>
            )}
            {bundleUrl && (
              <a class="button quiet" href={bundleUrl} download>
                <FileArchive size={20} aria-hidden="true" />
                {t("review:tracks.bundle")}
              </a>
            )}
            <SpeakerDownload speaker={speaker} />
          </div>
        )}
        {mayDownload && bundleUrl && fuller && <p class="small soft">{t("review:tracks.private")}</p>}
      </div>
      {problems.length > 0 && (
        <div class="notice warn">
          <TriangleAlert size={20} aria-hidden="true" />
          <ul>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </div>
      )}
      {tracks.length === 0 && <p class="soft small">{t("review:tracks.none")}</p>}
      <ul class="track-list" aria-label={t("review:tracks.list")}>
        {tracks.map((track) => (
          <OneTrack key={track.id} track={track} playback={composition.videoUrl ? playback : null} mayDownload={mayDownload} />
        ))}
      </ul>
    </section>
  );
}

/** The other film: made when it is asked for, then a file like the first one. How far it is stands under the player. */
function SpeakerDownload({ speaker }: { speaker: SpeakerFilm }) {
  const state = speaker.film.value?.state;
  if (speaker.url.value)
    return (
      <a class="button quiet" href={speaker.url.value} download>
        <UserRound size={20} aria-hidden="true" />
        {t("review:speaker.download")}
      </a>
    );
  const making = speaker.failure.value === null && (state === "waiting" || state === "growing");
  return (
    <button type="button" class="button quiet" disabled={making} onClick={() => speaker.ask()}>
      <UserRound size={20} aria-hidden="true" />
      {making ? t("review:speaker.making") : t("review:speaker.make")}
    </button>
  );
}

const oneDigit = { minimumFractionDigits: 1, maximumFractionDigits: 1 };

function missing(gap: Track["gaps"][number]): string {
  const lengthMs = gap.toMs - gap.fromMs;
  const at = { from: clockText(gap.fromMs), to: clockText(gap.toMs), why: t(`review:gap.${gap.reason}`) };
  if (lengthMs < 1000) return t("review:gap.short", { ...at, seconds: (lengthMs / 1000).toLocaleString(locale(), oneDigit) });
  return t("review:gap.long", at);
}

/** Where something is missing: a click shows the place, a little before it. */
function OneGap({ gap, playback }: { gap: Track["gaps"][number]; playback: Playback | null }) {
  const words = missing(gap);
  if (!playback) return <p class="small track-gap">{words}</p>;
  return (
    <button type="button" class="small track-gap" onClick={() => playback.seek(gap.fromMs - beforeMs)}>
      {words}
    </button>
  );
}

/** `playback` null: there is no film to look for a place in. */
function OneTrack({ track, playback, mayDownload }: { track: Track; playback: Playback | null; mayDownload: boolean }) {
  const id = `track-${track.id}`;
  const state = track.state === "safe" ? null : t(`review:tracks.state.${track.state}`);
  return (
    <li>
      <div id={id} class="track-words">
        <p>
          <span class="track-name">{track.participant.name}</span>
          {track.source === "screen" && <span class="soft"> ({t("review:tracks.screen")})</span>}
        </p>
        <p class="soft small">
          <span class="clock">{clockText(track.durationMs)}</span> · {sizeText(track.bytes)}
          {state && ` · ${state}`}
        </p>
        {sentencesOf(track).map((sentence) => (
          <p key={sentence} class="soft small">
            {sentence}
          </p>
        ))}
        {track.gaps.map((gap) => (
          <OneGap key={`${gap.fromMs}-${gap.reason}`} gap={gap} playback={playback} />
        ))}
      </div>
      {mayDownload && track.bytes > 0 && track.state !== "recording" && <TrackFiles track={track} id={id} />}
    </li>
  );
}

/** The file that most people want, and behind it the others. */
function TrackFiles({ track, id }: { track: Track; id: string }) {
  const others = [
    { url: track.flacUrl, words: t("review:tracks.flac") },
    { url: track.wavUrl, words: t("review:tracks.wav") },
    { url: track.rawUrl, words: t("review:tracks.raw") },
  ];
  return (
    <div class="track-files">
      <a class="button quiet" href={track.mediaUrl} download aria-describedby={id}>
        <Download size={20} aria-hidden="true" />
        {t("review:tracks.track")}
      </a>
      <details class="track-more">
        <summary class="button quiet" aria-describedby={id}>
          {t("review:tracks.more")}
        </summary>
        <ul>
          {others.map(({ url, words }) => (
            <li key={url}>
              <a href={url} download aria-describedby={id}>
                {words}
              </a>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
