// Captions over the film, each with the name of whose words they are, and the button that shows them or not.
import { Captions, CaptionsOff } from "lucide-preact";
import type { Track } from "../../../protocol/api.ts";
import { t } from "../words.ts";
import { type CaptionBook, linesAt } from "./captionbook.ts";
import type { Playback } from "./playback.ts";

/** For the eye: the transcript has the same lines for everybody. */
export function CaptionLine({ book, tracks, playback }: { book: CaptionBook; tracks: readonly Track[]; playback: Playback }) {
  if (!book.shows.value) return null;
  const lines = linesAt(book.lines.value, playback.atMs.value);
  if (lines.length === 0) return null;
  return (
    <div class="caption-lines" aria-hidden="true">
      {lines.map(({ id, trackId, body }) => {
        const name = tracks.find((track) => track.id === trackId)?.participant.name;
        return (
          <p key={id} dir="auto">
            {name && <span class="caption-name">{name}: </span>}
            {body}
          </p>
        );
      })}
    </div>
  );
}

/** Nothing where nobody has written anything. */
export function CaptionButton({ book }: { book: CaptionBook }) {
  if (book.lines.value.length === 0) return null;
  const shows = book.shows.value;
  const Icon = shows ? Captions : CaptionsOff;
  return (
    <button
      type="button"
      class="button square quiet"
      aria-label={t("review:captions.button")}
      aria-pressed={shows}
      onClick={() => book.toggle()}
    >
      <Icon size={20} aria-hidden="true" />
    </button>
  );
}
