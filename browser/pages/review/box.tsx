// The comment box: Enter posts at the moment the writing began, Shift and Enter starts a new line, Escape gives up. A range, a marker and an
// addressee where somebody wants them.
import { CornerDownLeft, MoveRight, Scissors } from "lucide-preact";
import type { Recording } from "../../../protocol/api.ts";
import { Attach } from "../attach/attach.tsx";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { Choices, NoRange, Seconds } from "./about.tsx";
import type { Debrief } from "./debrief.ts";
import type { Draft } from "./draft.ts";
import { WhoFields } from "./me.tsx";
import type { Playback } from "./playback.ts";
import { Refused } from "./refused.tsx";

export interface BoxProps {
  recording: Recording;
  debrief: Debrief;
  draft: Draft;
  playback: Playback;
  onPosted: (atMs: number) => void;
}

export const boxId = "comment-box";

export function CommentBox(props: BoxProps) {
  const { recording, debrief, draft, playback } = props;
  const post = async () => {
    const comment = await draft.post();
    if (comment) props.onPosted(comment.atMs);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      draft.giveUp();
      (event.currentTarget as HTMLElement).blur();
    }
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void post();
  };
  const onSubmit = (event: Event) => {
    event.preventDefault();
    void post();
  };
  const atMs = draft.moment.value?.atMs ?? playback.atMs.value;
  return (
    <form class="comment-box" onSubmit={onSubmit}>
      {debrief.unknown && <WhoFields who={draft.who} />}
      <textarea
        id={boxId}
        aria-label={t("feedback:box.label")}
        aria-describedby="comment-keys"
        placeholder={t("feedback:box.placeholder")}
        rows={2}
        maxLength={10_000}
        value={draft.body.value}
        onInput={(event) => draft.write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Attach
        held={draft.held}
        speaking={draft.speaking}
        busy={draft.busy}
        onBegin={() => draft.speak()}
        onDropped={() => draft.unspeak()}
      />
      <div class="comment-about">
        <Range draft={draft} playback={playback} />
        {debrief.may("download") && <Part recording={recording} draft={draft} />}
        <Choices
          feedback={debrief.feedback.value}
          people={draft.who.people.value}
          marker={draft.marker.value}
          onMarker={(id) => (draft.marker.value = id)}
          to={draft.to.value}
          onTo={(id) => (draft.to.value = id)}
        />
      </div>
      {draft.failure.value && <Refused words={draft.failure.value} onAgain={draft.held.value ? () => void post() : null} />}
      <div class="comment-foot">
        <span id="comment-keys" class="soft small">
          {t("feedback:box.at", { time: clockText(atMs) })} {t("feedback:box.keys")}
        </span>
        <button type="submit" class="button primary" disabled={!draft.ready.value}>
          <CornerDownLeft size={20} aria-hidden="true" />
          {t("feedback:box.post")}
        </button>
      </div>
    </form>
  );
}

function Range({ draft, playback }: { draft: Draft; playback: Playback }) {
  const { moment, endMs } = draft;
  const ranged = endMs.value !== null;
  return (
    <fieldset class="range" aria-label={t("feedback:range.label")}>
      <button type="button" class="button small" onClick={() => draft.begin()}>
        {t("feedback:range.begin")}
        <span class="kbd" aria-hidden="true">
          I
        </span>
      </button>
      <MoveRight size={16} aria-hidden="true" />
      <button type="button" class="button small" onClick={() => draft.end()}>
        {t("feedback:range.end")}
        <span class="kbd" aria-hidden="true">
          O
        </span>
      </button>
      {(ranged || moment.value) && (
        <>
          <Seconds label={t("feedback:range.from")} ms={moment.value?.atMs ?? playback.atMs.value} onMs={(ms) => draft.begin(ms)} />
          <Seconds label={t("feedback:range.to")} ms={endMs.value} onMs={(ms) => draft.end(ms)} />
        </>
      )}
      {ranged && <NoRange onPress={() => draft.noRange()} />}
    </fieldset>
  );
}

/** The chosen range as a film of its own, once the whole one is complete. */
function Part({ recording, draft }: { recording: Recording; draft: Draft }) {
  const { videoUrl } = recording.composition;
  const fromMs = draft.moment.value?.atMs;
  const toMs = draft.endMs.value;
  if (!videoUrl || fromMs === undefined || toMs === null) return null;
  const url = `${videoUrl}&${new URLSearchParams({ fromMs: String(Math.round(fromMs)), toMs: String(Math.round(toMs)) })}`;
  return (
    <a class="button small range-part" href={url} download>
      <Scissors size={16} aria-hidden="true" />
      {t("feedback:range.save", { from: clockText(fromMs), to: clockText(toMs) })}
    </a>
  );
}
