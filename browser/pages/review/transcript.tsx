// What was said, to read: every line with its time and its speaker; a click goes there, the line that is being said is marked, and whoever was in the
// call mends it in place.
import { useSignal } from "@preact/signals";
import { Pencil } from "lucide-preact";
import { useRef } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { Caption } from "../../../protocol/captions.ts";
import { colours } from "../../../protocol/feedback.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { WhyNot } from "./attempt.tsx";
import { lineOf, linesWith } from "./captionbook.ts";
import { CaptionFiles } from "./captionfiles.tsx";
import { CaptionForm } from "./captionform.tsx";
import type { Debrief } from "./debrief.ts";
import { LongList } from "./list.tsx";
import type { Playback } from "./playback.ts";

const guessPx = 44;

interface TranscriptProps {
  recording: Recording;
  debrief: Debrief;
  playback: Playback;
}

export function Transcript({ recording, debrief, playback }: TranscriptProps) {
  const book = debrief.captions;
  const sought = useSignal("");
  /** Lines being mended, by id: they stay on the page whatever is sought, and nothing moves under them. */
  const mended = useSignal<ReadonlySet<string>>(new Set());
  /** Whoever reads on is not pulled back. */
  const reads = useRef(false);
  const followed = useRef<string | null>(null);
  const list = book.list.value;
  if (!list || (list.items.length === 0 && !debrief.may("host"))) return null;
  const word = sought.value.trim();
  const mends = ({ id }: Caption) => mended.value.has(id);
  const shown = linesWith(list.items, word, mends);
  const now = lineOf(list.items, playback.atMs.value);
  if (!reads.current && !word && !list.items.some(mends)) followed.current = now?.id ?? null;
  return (
    <section class="transcript" aria-labelledby="transcript">
      <div class="tracks-head">
        <h2 id="transcript">{t("review:captions.title")}</h2>
        {list.items.length > 0 && (
          <input
            type="search"
            aria-label={t("review:captions.search")}
            placeholder={t("review:captions.search")}
            value={sought.value}
            onInput={(event) => (sought.value = event.currentTarget.value)}
          />
        )}
      </div>
      <WhyNot failure={book.failure} />
      {list.items.length === 0 && <p class="soft small">{t("review:captions.none")}</p>}
      {word && (
        <p class="soft small" role="status">
          {t("review:captions.found", { count: shown.length })}
        </p>
      )}
      {shown.length > 0 && (
        <div
          onPointerEnter={() => (reads.current = true)}
          onPointerLeave={(event) => (reads.current = event.currentTarget.contains(document.activeElement))}
          onFocusCapture={() => (reads.current = true)}
          onBlurCapture={(event) => (reads.current = event.currentTarget.contains(event.relatedTarget as Node | null))}
        >
          <LongList
            class="caption-list"
            label={t("review:captions.list")}
            ids={shown.map(({ id }) => id)}
            current={word ? null : followed.current}
            kept={mended.value}
            guessPx={guessPx}
            draw={(index) => (
              <Line
                line={shown[index]!}
                now={shown[index]!.id === now?.id}
                recording={recording}
                debrief={debrief}
                playback={playback}
                mayMend={list.mayMend}
                mends={mends(shown[index]!)}
                onMend={(on) => {
                  const others = [...mended.value].filter((id) => id !== shown[index]!.id);
                  mended.value = new Set(on ? [...others, shown[index]!.id] : others);
                }}
              />
            )}
          />
        </div>
      )}
      <CaptionFiles recording={recording} debrief={debrief} />
    </section>
  );
}

interface LineProps extends TranscriptProps {
  line: Caption;
  /** It is being said, or was said last. */
  now: boolean;
  mayMend: boolean;
  mends: boolean;
  onMend: (on: boolean) => void;
}

function Line({ line, now, recording, debrief, playback, mayMend, mends, onMend }: LineProps) {
  const place = recording.tracks.findIndex(({ id }) => id === line.trackId);
  const name = recording.tracks[place]?.participant.name ?? t("review:captions.nobody");
  if (mends) return <CaptionForm line={line} recording={recording} book={debrief.captions} onDone={() => onMend(false)} />;
  return (
    <div class={`caption ${now ? "now" : ""}`}>
      <button type="button" class="caption-words" aria-current={now ? "true" : undefined} onClick={() => playback.seek(line.fromMs)}>
        <span class="clock soft small">{clockText(line.fromMs)}</span>
        <span class={place < 0 ? "caption-who soft" : `caption-who hue-${colours[place % colours.length]}`}>{name}</span>
        <span dir="auto">{line.body}</span>
      </button>
      {mayMend && (
        <button
          type="button"
          class="button square quiet act"
          aria-label={t("review:captions.edit", { time: clockText(line.fromMs) })}
          onClick={() => onMend(true)}
        >
          <Pencil size={16} aria-hidden="true" />
        </button>
      )}
    </div>
  );
}
