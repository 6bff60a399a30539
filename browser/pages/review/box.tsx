// The comment box: Enter posts at the moment the writing began, Shift and Enter starts a new line, Escape gives up. A range, a marker and an
// addressee where somebody wants them.
import { CornerDownLeft, MoveRight, Scissors, X } from "lucide-preact";
import type { Recording } from "../../../protocol/api.ts";
import { Attach } from "../attach/attach.tsx";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import { markerName } from "./badge.tsx";
import type { Debrief } from "./debrief.ts";
import type { Draft } from "./draft.ts";
import { WhoFields } from "./me.tsx";
import type { Playback } from "./playback.ts";
import { Refused } from "./refused.tsx";
import { peopleOn } from "./who.ts";

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
        <Choices recording={recording} debrief={debrief} draft={draft} />
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
      {ranged && (
        <button type="button" class="button quiet square" aria-label={t("feedback:range.none")} onClick={() => draft.noRange()}>
          <X size={16} aria-hidden="true" />
        </button>
      )}
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

/** `ms` null: empty. Seconds, as everybody can count them. */
function Seconds(props: { label: string; ms: number | null; onMs: (ms: number) => void }) {
  return (
    <input
      type="number"
      class="seconds"
      aria-label={props.label}
      min={0}
      step={0.1}
      value={props.ms === null ? "" : (props.ms / 1000).toFixed(1)}
      onChange={(event) => {
        const { valueAsNumber } = event.currentTarget;
        if (Number.isFinite(valueAsNumber) && valueAsNumber >= 0) props.onMs(Math.round(valueAsNumber * 1000));
      }}
    />
  );
}

function Choices({ recording, debrief, draft }: { recording: Recording; debrief: Debrief; draft: Draft }) {
  const feedback = debrief.feedback.value;
  const people = peopleOn(recording);
  return (
    <div class="choices">
      <select
        aria-label={t("feedback:box.marker")}
        value={draft.marker.value ?? ""}
        onChange={(event) => (draft.marker.value = event.currentTarget.value || null)}
      >
        <option value="">{t("feedback:box.noMarker")}</option>
        {(feedback?.markers ?? []).map((marker) => (
          <option key={marker.id} value={marker.id}>
            {markerName(marker, feedback?.ownMarkers ?? false)}
          </option>
        ))}
      </select>
      {people.length > 0 && (
        <select
          aria-label={t("feedback:box.to")}
          value={draft.to.value ?? ""}
          onChange={(event) => (draft.to.value = event.currentTarget.value || null)}
        >
          <option value="">{t("feedback:box.toAll")}</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {t("feedback:box.toOne", { name })}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
