// The comment box. The first keystroke pauses the film and keeps that moment; Enter posts there and the film goes on.
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Comment, Recording } from "../../../protocol/api.ts";
import { type Api, sentence } from "../api.ts";
import { name, rememberName } from "../name.ts";
import { clockText } from "../time.ts";
import type { Playback } from "./playback.ts";

export function CommentBox(props: { recording: Recording; api: Api; playback: Playback; onPosted: (comment: Comment) => void }) {
  const { recording, api, playback } = props;
  const body = useSignal("");
  const author = useSignal(name.value);
  /** The moment that is being written about, and whether the film goes on afterwards. Null while nothing is written. */
  const moment = useSignal<{ atMs: number; wasPlaying: boolean } | null>(null);
  const busy = useSignal(false);
  const failure = useSignal<string | null>(null);
  const asksName = useRef(name.value === "");

  const write = (text: string) => {
    if (text && !moment.value) {
      moment.value = { atMs: playback.exactMs(), wasPlaying: playback.playing.value };
      playback.pause();
    }
    if (!text) moment.value = null;
    body.value = text;
  };
  const goOn = () => {
    if (moment.value?.wasPlaying) playback.play();
    moment.value = null;
    body.value = "";
  };
  const post = async () => {
    const text = body.value.trim();
    if (!text || busy.value) return;
    busy.value = true;
    failure.value = null;
    if (author.value.trim()) rememberName(author.value);
    try {
      const atMs = moment.value?.atMs ?? playback.exactMs();
      const by = author.value.trim();
      props.onPosted(await api.post(recording.id, { atMs, body: text, ...(by ? { author: by } : {}) }));
      goOn();
    } catch (error) {
      failure.value = `${sentence(error)} Your words are still here.`;
    } finally {
      busy.value = false;
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") goOn();
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void post();
  };
  const atMs = moment.value?.atMs ?? playback.atMs.value;
  return (
    <form
      class="comment-box"
      onSubmit={(event) => {
        event.preventDefault();
        void post();
      }}
    >
      {asksName.current && (
        <input
          type="text"
          aria-label="Your name"
          placeholder="Your name"
          maxLength={80}
          value={author.value}
          onInput={(event) => (author.value = event.currentTarget.value)}
        />
      )}
      <textarea
        aria-label="Comment"
        aria-describedby="comment-keys"
        placeholder="Write about this moment"
        rows={2}
        maxLength={10_000}
        value={body.value}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {failure.value && (
        <p class="notice warn small" role="alert">
          {failure.value}
        </p>
      )}
      <div class="comment-foot">
        <span id="comment-keys" class="soft small">
          At <span class="clock">{clockText(atMs)}</span>. Enter posts, Shift and Enter starts a new line.
        </span>
        <button type="submit" class="button primary" disabled={busy.value || !body.value.trim()}>
          Post
        </button>
      </div>
    </form>
  );
}
