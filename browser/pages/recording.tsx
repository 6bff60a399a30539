// The word that says it records, with a dot and a running clock, in the page and in its title.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { nowMs } from "../record/clock.ts";
import { clockText } from "./time.ts";
import { t } from "./words.ts";

/** How often the clock is looked at: often enough that no second is skipped. */
const tickMs = 250;

/** `startedMs`: when Record was pressed, on this browser's clock. The live region announces the start; this one stands for whoever looks. */
export function RecordingStatus(props: { startedMs: number; room: string }) {
  const elapsed = useSignal(nowMs() - props.startedMs);
  useEffect(() => {
    const timer = window.setInterval(() => {
      elapsed.value = nowMs() - props.startedMs;
    }, tickMs);
    return () => window.clearInterval(timer);
  }, [props.startedMs, elapsed]);
  const clock = clockText(elapsed.value);
  useEffect(() => {
    document.title = t("recording.title", { clock, room: props.room });
  }, [clock, props.room]);
  return (
    <>
      <div class="recording" role="status" aria-live="off" aria-label={t("recording.label")}>
        <span class="dot" aria-hidden="true" />
        {t("recording.label")}
      </div>
      <span class="clock recording-clock" aria-hidden="true">
        {clock}
      </span>
    </>
  );
}
