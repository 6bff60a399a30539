// In the film's place while there is none: what happens, who is still sending, or why there will be none. Space is reserved, nothing jumps.
// Below a film that grows: the same in a line.
import type { Recording, Track } from "../../../protocol/api.ts";
import { sizeText } from "../size.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";

/** There is something to see: the film, or as much of it as has grown. */
export function isWatchable({ composition }: Recording): boolean {
  return composition.videoUrl !== null || composition.watermarkMs > 0;
}

export function Waiting({ recording }: { recording: Recording }) {
  const sending = sendersOf(recording);
  return (
    <div class="film-frame waiting">
      <div role="status" class="waiting-words">
        <p class="waiting-title">{titleOf(recording)}</p>
        <p>{wordsOf(recording)}</p>
      </div>
      {sending.length > 0 && (
        <ul class="waiting-list">
          {sending.map((track) => (
            <li key={track.id}>
              <span>{nameOf(track)}</span>
              <span class="clock">{stateOf(track)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Under the player, as long as the film is not complete. */
export function Growth({ recording }: { recording: Recording }) {
  if (!isWatchable(recording) || recording.composition.videoUrl) return null;
  const sending = recording.state === "recording" ? [] : sendersOf(recording);
  return (
    <div class="film-note">
      <p role="status">{growthOf(recording)}</p>
      {sending.map((track) => (
        <span key={track.id}>
          {nameOf(track)}: <span class="clock">{stateOf(track)}</span>
        </span>
      ))}
    </div>
  );
}

function sendersOf(recording: Recording): Track[] {
  return recording.tracks.filter((track) => track.state === "uploading" || track.state === "recording");
}

function nameOf({ participant: { name }, source }: Track): string {
  return source === "screen" ? t("review:waiting.screenOf", { name }) : name;
}

function stateOf(track: Track): string {
  const size = sizeText(track.bytes);
  return track.state === "recording" ? t("review:waiting.recording", { size }) : t("review:waiting.sending", { size });
}

function titleOf(recording: Recording): string {
  if (recording.composition.state === "failed") return t("review:waiting.titleFailed");
  if (recording.state === "recording") return t("review:waiting.titleRecording");
  if (recording.state === "uploading") return t("review:waiting.titleUploading");
  return t("review:waiting.titleComposing");
}

function wordsOf(recording: Recording): string {
  const { composition, durationMs } = recording;
  if (composition.state === "failed") return t("review:waiting.failed");
  if (recording.state === "recording") return t("review:waiting.soon");
  const here = { here: clockText(composition.watermarkMs), all: clockText(durationMs) };
  return recording.state === "uploading" ? t("review:waiting.uploading", here) : t("review:waiting.composing", here);
}

function growthOf(recording: Recording): string {
  const { composition, durationMs } = recording;
  if (composition.state === "failed") return t("review:growth.failed");
  if (recording.state === "recording") return t("review:growth.recording");
  const here = { here: clockText(composition.watermarkMs), all: clockText(durationMs) };
  return recording.state === "uploading" ? t("review:growth.uploading", here) : t("review:growth.composing", here);
}
