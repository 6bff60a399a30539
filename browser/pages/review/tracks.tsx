// What there is to take home: the film, everybody's own track; and, in words, what is missing from them.
import { Download, TriangleAlert } from "lucide-preact";
import type { Recording, Track } from "../../../protocol/api.ts";
import { sizeText } from "../size.ts";
import { clockText } from "../time.ts";
import { sentencesOf } from "./certificate.ts";
import type { Playback } from "./playback.ts";

const reasons: Record<Track["gaps"][number]["reason"], string> = {
  rejoined: "away while rejoining",
  device: "the device changed",
  slip: "the browser lost time",
  lost: "never arrived",
  damaged: "damaged",
  paused: "paused",
};

/** What is shown before a gap, so that one sees it come. */
const beforeMs = 1000;

const states: Record<Track["state"], string | null> = {
  recording: "being recorded",
  uploading: "still arriving",
  safe: null,
  partial: "a part is missing",
};

export function Tracks({ recording, playback }: { recording: Recording; playback: Playback }) {
  const { composition, tracks, problems } = recording;
  return (
    <section class="tracks" aria-labelledby="tracks">
      <div class="tracks-head">
        <h2 id="tracks">Downloads</h2>
        {composition.videoUrl && (
          <a class="button" href={composition.videoUrl} download>
            <Download size={20} aria-hidden="true" />
            Download video
          </a>
        )}
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
      {tracks.length === 0 && <p class="soft small">No track has arrived yet.</p>}
      <ul class="track-list" aria-label="Tracks">
        {tracks.map((track) => (
          <OneTrack key={track.id} track={track} playback={composition.videoUrl ? playback : null} />
        ))}
      </ul>
    </section>
  );
}

function missing(gap: Track["gaps"][number]): string {
  const lengthMs = gap.toMs - gap.fromMs;
  if (lengthMs < 1000) return `${(lengthMs / 1000).toFixed(1)} seconds missing at ${clockText(gap.fromMs)}`;
  return `Missing from ${clockText(gap.fromMs)} to ${clockText(gap.toMs)}`;
}

/** Where something is missing: a click shows the place, a little before it. */
function OneGap({ gap, playback }: { gap: Track["gaps"][number]; playback: Playback | null }) {
  const words = `${missing(gap)}: ${reasons[gap.reason]}`;
  if (!playback) return <p class="small track-gap">{words}</p>;
  return (
    <button type="button" class="small track-gap" onClick={() => playback.seek(gap.fromMs - beforeMs)}>
      {words}
    </button>
  );
}

/** `playback` null: there is no film to look for a place in. */
function OneTrack({ track, playback }: { track: Track; playback: Playback | null }) {
  const id = `track-${track.id}`;
  const state = states[track.state];
  return (
    <li>
      <div id={id} class="track-words">
        <p>
          <span class="track-name">{track.participant.name}</span>
          {track.source === "screen" && <span class="soft"> (screen)</span>}
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
      {track.bytes > 0 && track.state !== "recording" && (
        <a class="button quiet" href={track.mediaUrl} download aria-describedby={id}>
          <Download size={20} aria-hidden="true" />
          Download track
        </a>
      )}
    </li>
  );
}
