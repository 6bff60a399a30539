// The film's length as a slider, with a dot for every comment.
import type { Comment } from "../../../protocol/api.ts";
import { clockText, spokenTime } from "../time.ts";
import type { Playback } from "./playback.ts";

/** What one native step of the slider moves. The arrow keys move further; see the player. */
const stepMs = 100;

export function Timeline(props: { playback: Playback; lengthMs: number; comments: Comment[] }) {
  const { playback, comments } = props;
  const lengthMs = Math.max(1, Math.ceil(props.lengthMs));
  const atMs = Math.min(playback.atMs.value, lengthMs);
  const count = comments.length === 0 ? "" : `, ${comments.length} ${comments.length === 1 ? "comment" : "comments"}`;
  return (
    <div class="timeline">
      <div class="timeline-line" aria-hidden="true">
        <span style={{ transform: `scaleX(${(atMs / lengthMs).toFixed(4)})` }} />
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
