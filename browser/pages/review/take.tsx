// Feedback to take along: tables, captions, and a page that prints.
import { useSignal } from "@preact/signals";
import { FileDown, Printer } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import { sentence } from "../api.ts";
import { t } from "../words.ts";
import { WhyNot } from "./attempt.tsx";
import type { Debrief } from "./debrief.ts";
import { save } from "./savefile.ts";
import { Sheet } from "./sheet.tsx";

export function Take({ recording, debrief }: { recording: Recording; debrief: Debrief }) {
  const failure = useSignal<string | null>(null);
  /** Which printing the sheet is there for; 0: for none. */
  const printing = useSignal(0);
  const prints = useRef(0);
  const file = async (name: string) => {
    failure.value = null;
    try {
      save(await debrief.api.file(`/recordings/${recording.id}/${name}`), `${recording.roomName} ${name}`);
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  useEffect(() => {
    if (printing.value === 0) return;
    // Not when `print` returns: some browsers come back at once and look at the page later.
    const done = () => (printing.value = 0);
    window.addEventListener("afterprint", done);
    window.print();
    return () => window.removeEventListener("afterprint", done);
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
      <button type="button" class="button" onClick={() => (printing.value = ++prints.current)}>
        <Printer size={20} aria-hidden="true" />
        {t("feedback:take.print")}
      </button>
      <WhyNot failure={failure} />
      {printing.value > 0 && <Sheet key={printing.value} recording={recording} debrief={debrief} />}
    </div>
  );
}
