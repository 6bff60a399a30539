// One line of the transcript being mended. Promise: when somebody else was faster both texts are there, and nobody's is overwritten unseen.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import { Caption } from "../../../protocol/captions.ts";
import { UserError } from "../../../protocol/errors.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { t } from "../words.ts";
import { WhyNot } from "./attempt.tsx";
import { type CaptionBook, spanIn } from "./captionbook.ts";
import { trackName } from "./views.ts";

interface CaptionFormProps {
  line: Caption;
  recording: Recording;
  book: CaptionBook;
  onDone: () => void;
}

/** Enter keeps it, Shift and Enter starts a new line, Escape gives up. */
export function CaptionForm({ line, recording, book, onDone }: CaptionFormProps) {
  const body = useSignal(line.body);
  const whose = useSignal(line.trackId ?? "");
  const times = useSignal({ from: seconds(line.fromMs), to: seconds(line.toMs) });
  const version = useSignal(line.version);
  const theirs = useSignal<string | null>(null);
  const failure = useSignal<string | null>(null);
  const busy = useSignal(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);

  const attempt = async (act: () => Promise<void>, words: string) => {
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      await act();
      announce(words);
      onDone();
    } catch (error) {
      const now = error instanceof UserError && error.code === "changed" ? Caption.safeParse(error.current) : null;
      if (now?.success) {
        theirs.value = now.data.body;
        version.value = now.data.version;
      } else failure.value = sentence(error);
    } finally {
      busy.value = false;
    }
  };
  const span = spanIn(times.value);
  const keep = (event: Event) => {
    event.preventDefault();
    if (!span) return;
    const edit = { body: body.value, trackId: whose.value || null, ...span, version: version.value };
    void attempt(() => book.edit(line.id, edit), t("review:captions.kept"));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") onDone();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target === field.current) keep(event);
  };
  const time = (which: "from" | "to", label: string) => (
    <input
      type="number"
      class="seconds"
      step="0.1"
      min="0"
      aria-label={label}
      value={times.value[which]}
      onInput={(event) => (times.value = { ...times.value, [which]: event.currentTarget.value })}
    />
  );
  return (
    // Lines stand where they were said, to the millisecond; the step of the fields is only the arrows'.
    <form class="caption-form" noValidate onSubmit={keep} onKeyDown={onKeyDown}>
      {theirs.value !== null && (
        <div class="notice warn conflict" role="alert">
          <p class="small">{t("review:captions.conflict")}</p>
          <blockquote dir="auto">{theirs.value}</blockquote>
        </div>
      )}
      <textarea
        ref={field}
        aria-label={t("review:captions.words")}
        rows={2}
        maxLength={1000}
        dir="auto"
        value={body.value}
        onInput={(event) => (body.value = event.currentTarget.value)}
      />
      <div class="row">
        <select aria-label={t("review:captions.whose")} value={whose.value} onChange={(event) => (whose.value = event.currentTarget.value)}>
          <option value="">{t("review:captions.nobody")}</option>
          {recording.tracks.map((track) => (
            <option key={track.id} value={track.id}>
              {trackName(track)}
            </option>
          ))}
        </select>
        {time("from", t("feedback:range.from"))}
        {time("to", t("feedback:range.to"))}
      </div>
      <WhyNot failure={failure} />
      <div class="row">
        <button type="submit" class="button primary" disabled={busy.value || !body.value.trim() || !span}>
          {theirs.value === null ? t("feedback:thread.save") : t("feedback:conflict.mine")}
        </button>
        <button type="button" class="button quiet" onClick={onDone}>
          {t("feedback:thread.cancel")}
        </button>
        <button type="button" class="button quiet" onClick={() => void attempt(() => book.remove(line.id), t("review:captions.deleted"))}>
          {t("review:captions.delete")}
        </button>
      </div>
    </form>
  );
}

function seconds(ms: number): string {
  return String(ms / 1000);
}
