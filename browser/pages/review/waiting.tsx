// In the film's place while there is none: what happens, who is still sending, or why there will be none. Space is reserved, nothing jumps.
import type { Recording } from "../../../protocol/api.ts";
import { sizeText } from "../size.ts";
import { clockText } from "../time.ts";

export function Waiting({ recording }: { recording: Recording }) {
  const sending = recording.tracks.filter((track) => track.state === "uploading" || track.state === "recording");
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
              <span>
                {track.participant.name}
                {track.source === "screen" ? ", screen" : ""}
              </span>
              <span class="clock">
                {track.state === "recording" ? "recording" : "still sending"}, {sizeText(track.bytes)} here
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function titleOf(recording: Recording): string {
  if (recording.composition.state === "failed") return "There is no film";
  if (recording.state === "recording") return "The call is still being recorded";
  if (recording.state === "uploading") return "Waiting for everybody's part";
  return "The film is being put together";
}

function wordsOf(recording: Recording): string {
  const { composition, durationMs } = recording;
  const here = `${clockText(composition.watermarkMs)} of ${clockText(durationMs)} are here`;
  if (composition.state === "failed") return "The tracks that arrived are safe and can be downloaded below.";
  if (recording.state === "recording") return "The film appears here by itself shortly after the recording stops.";
  if (recording.state === "uploading")
    return `${here}. The film appears here by itself. Whoever left early can open the room's link again to finish sending.`;
  return `${here}. It appears here by itself in a moment.`;
}
