// The film's length as a slider, with a dot for every comment.
import { useSignal } from "@preact/signals";
import type { Comment } from "../../../protocol/api.ts";
import { clockText, spokenTime } from "../time.ts";
import type { Playback } from "./playback.ts";
import { Buffered, Preview, type Thumbnails } from "./scrub.tsx";

/** What one native step of the slider moves. The arrow keys move further; see the player. */
const stepMs = 100;

export function Timeline(props: { playback: Playback; lengthMs: number; comments: Comment[]; thumbnails: Thumbnails }) {
  const { playback, comments } = props;
  /** The moment under the pointer; null: it is elsewhere. */
  const hoverMs = useSignal<number | null>(null);
  const lengthMs = Math.max(1, Math.ceil(props.lengthMs));
  const atMs = Math.min(playback.atMs.value, lengthMs);
  const count = comments.length === 0 ? "" : `, ${comments.length} ${comments.length === 1 ? "comment" : "comments"}`;
  return (
    <div class="timeline">
      {hoverMs.value !== null && <Preview atMs={hoverMs.value} lengthMs={lengthMs} thumbnails={props.thumbnails} />}
      <div class="timeline-line" aria-hidden="true">
        <Buffered playback={playback} lengthMs={lengthMs} />
        <span class="timeline-played" style={{ transform: `scaleX(${(atMs / lengthMs).toFixed(4)})` }} />
      </div>
      <input
        type="range"
        aria-label="Timeline"
        aria-valuetext={`${spokenTime(atMs)}${count}`}
        min={0}
        max={lengthMs}
        step={stepMs}
        value={Math.round(atMs / stepMs) * stepMs}
        onInput={(event) => playback.seek(event.currentTarget.valueAsNumber)}
        onPointerMove={(event) => (hoverMs.value = momentUnder(event, lengthMs))}
        onPointerLeave={() => (hoverMs.value = null)}
        onPointerUp={(event) => {
          // A finger that is lifted is nowhere.
          if (event.pointerType !== "mouse") hoverMs.value = null;
        }}
      />
      <div class="timeline-dots">
        {comments.map((comment) => (
          <button
            key={comment.id}
            type="button"
            class="timeline-dot"
            style={{ insetInlineStart: `${(Math.min(comment.atMs, lengthMs) / lengthMs) * 100}%` }}
            aria-label={`Comment at ${clockText(comment.atMs)}${comment.author ? ` by ${comment.author}` : ""}`}
            title={comment.body}
            onClick={() => playback.seek(comment.atMs)}
          />
        ))}
      </div>
    </div>
  );
}

/** The thumb is as wide as a space: its middle is what counts. */
function momentUnder(event: PointerEvent & { currentTarget: HTMLElement }, lengthMs: number): number {
  const line = event.currentTarget.parentElement?.getBoundingClientRect();
  if (!line || line.width === 0) return 0;
  const fromStart = getComputedStyle(event.currentTarget).direction === "rtl" ? line.right - event.clientX : event.clientX - line.left;
  return Math.max(0, Math.min(1, fromStart / line.width)) * lengthMs;
}
