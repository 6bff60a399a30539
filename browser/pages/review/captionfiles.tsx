// Captions as files: in, as WebVTT or from the server's own model, for the host; out, as WebVTT and as a text to read.
import { useSignal } from "@preact/signals";
import { FileDown } from "lucide-preact";
import type { Recording } from "../../../protocol/api.ts";
import { UserError } from "../../../protocol/errors.ts";
import { announce } from "../announce.tsx";
import { FileField } from "../filefield.tsx";
import { Question } from "../question.tsx";
import { language, t } from "../words.ts";
import { useAttempts, WhyNot } from "./attempt.tsx";
import type { CaptionBook } from "./captionbook.ts";
import type { Debrief } from "./debrief.ts";
import { save } from "./savefile.ts";
import { trackName } from "./views.ts";

/** As the server takes them. */
const mostBytes = 2 * 1024 * 1024;

export function CaptionFiles({ recording, debrief }: { recording: Recording; debrief: Debrief }) {
  const { attempt, failure } = useAttempts();
  const file = (name: string) =>
    attempt(async () => save(await debrief.api.file(`/recordings/${recording.id}/${name}`), `${recording.roomName} ${name}`));
  return (
    <>
      {debrief.captions.lines.value.length > 0 && debrief.may("download") && (
        <div class="take">
          <button type="button" class="button" onClick={() => void file("captions.vtt")}>
            <FileDown size={20} aria-hidden="true" />
            {t("review:captions.vtt")}
          </button>
          <button type="button" class="button" onClick={() => void file("transcript.txt")}>
            <FileDown size={20} aria-hidden="true" />
            {t("review:captions.txt")}
          </button>
        </div>
      )}
      <Hearings recording={recording} book={debrief.captions} />
      {debrief.may("host") && <Bring recording={recording} debrief={debrief} attempt={attempt} />}
      <WhyNot failure={failure} />
    </>
  );
}

/** What the server's own model is at. */
function Hearings({ recording, book }: { recording: Recording; book: CaptionBook }) {
  const hearings = book.list.value?.hearings ?? [];
  if (hearings.length === 0) return null;
  return (
    <ul class="small soft" role="status">
      {hearings.map(({ trackId, state, why }) => (
        <li key={trackId}>
          {t(`review:captions.hearing.${state}`, {
            name: recording.tracks.find(({ id }) => id === trackId)?.participant.name ?? "",
            // In English, and the log has it in any case.
            why: language() === "en" ? (why ?? "") : t("review:captions.hearing.log"),
          })}
        </li>
      ))}
    </ul>
  );
}

interface BringProps {
  recording: Recording;
  debrief: Debrief;
  attempt: (act: () => Promise<unknown>) => Promise<unknown>;
}

function Bring({ recording, debrief, attempt }: BringProps) {
  const { captions: book, api } = debrief;
  const whose = useSignal("");
  const told = useSignal<string | null>(null);
  const asking = useSignal(false);
  const open = async (file: File) => {
    told.value = null;
    await attempt(async () => {
      if (file.size > mostBytes) throw new UserError("too-large", t("review:captions.tooLarge"));
      const { count, strangers } = await api.addCaptions(recording.id, { trackId: whose.value || null, vtt: await file.text() });
      const names = strangers.length > 0 ? ` ${t("review:captions.strangers", { names: strangers.join(", ") })}` : "";
      told.value = t("review:captions.added", { count }) + names;
      announce(told.value);
      await book.read();
    });
  };
  return (
    <details class="caption-bring" open={book.lines.value.length === 0}>
      <summary>{t("review:captions.bring")}</summary>
      <p class="soft small">{t("review:captions.bringWords")}</p>
      <div class="share-form">
        <div class="field">
          <label for="captions-whose">{t("review:captions.whose")}</label>
          <select id="captions-whose" value={whose.value} onChange={(event) => (whose.value = event.currentTarget.value)}>
            <option value="">{t("review:captions.fileSays")}</option>
            {recording.tracks.map((track) => (
              <option key={track.id} value={track.id}>
                {trackName(track)}
              </option>
            ))}
          </select>
        </div>
        <FileField id="captions-file" label={t("review:captions.file")} accept=".vtt,text/vtt" onFile={open} />
      </div>
      {told.value && (
        <p class="small" role="status">
          {told.value}
        </p>
      )}
      <div class="row">
        {book.list.value?.machine && (
          <button
            type="button"
            class="button"
            onClick={() =>
              void attempt(async () => {
                await api.hear(recording.id);
                await book.read();
              })
            }
          >
            {t("review:captions.hear")}
          </button>
        )}
        {book.lines.value.length > 0 && (
          <button type="button" class="button quiet" onClick={() => (asking.value = true)}>
            {t("review:captions.clear")}
          </button>
        )}
      </div>
      {asking.value && (
        <Question
          title={t("review:captions.clearTitle")}
          yes={t("review:captions.clear")}
          onYes={() =>
            void attempt(async () => {
              await api.clearCaptions(recording.id);
              await book.read();
              announce(t("review:captions.cleared"));
            })
          }
          onClose={() => (asking.value = false)}
        >
          {t("review:captions.clearWords")}
        </Question>
      )}
    </details>
  );
}
