// Feedback to take along: tables, captions, and a page that prints.
import { useSignal } from "@preact/signals";
import { FileDown, Printer } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import { sentence } from "../api.ts";
import { t } from "../words.ts";
import { WhyNot } from "./attempt.tsx";
import type { Debrief } from "./debrief.ts";
import { save } from "./savefile.ts";
import { Sheet } from "./sheet.tsx";

export function Take({ recording, debrief }: { recording: Recording; debrief: Debrief }) {
  const failure = useSignal<string | null>(null);
  const printing = useSignal(false);
  const file = async (name: string) => {
    failure.value = null;
    try {
      save(await debrief.api.file(`/recordings/${recording.id}/${name}`), `${recording.roomName} ${name}`);
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  useEffect(() => {
    if (!printing.value) return;
    window.print();
    printing.value = false;
  }, [printing.value]);
  return (
    <div class="take">
      <button type="button" class="button" onClick={() => void file("comments.csv")}>
        <FileDown size={20} aria-hidden="true" />
        {t("feedback:take.csv")}
      </button>
      <button type="button" class="button" onClick={() => void file("comments.vtt")}>
        <FileDown size={20} aria-hidden="true" />
        {t("feedback:take.vtt")}
      </button>
      {debrief.feedback.value?.rubric && (
        <button type="button" class="button" onClick={() => void file("scores.csv")}>
          <FileDown size={20} aria-hidden="true" />
          {t("feedback:take.scores")}
        </button>
      )}
      <button type="button" class="button" onClick={() => (printing.value = true)}>
        <Printer size={20} aria-hidden="true" />
        {t("feedback:take.print")}
      </button>
      <WhyNot failure={failure} />
      {printing.value && <Sheet recording={recording} debrief={debrief} />}
    </div>
  );
}
