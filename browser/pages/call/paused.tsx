// In place of the running clock while the recording is paused: an outlined dot, and the word.
import { useEffect } from "preact/hooks";
import { clockText } from "../time.ts";
import { t } from "../words.ts";

export function Paused({ pausedMs, room }: { pausedMs: number; room: string }) {
  const clock = clockText(pausedMs);
  useEffect(() => {
    document.title = `○ ${t("call:paused.title", { clock })} · ${room}`;
  }, [clock, room]);
  return (
    <>
      <div class="recording paused" role="status" aria-live="off" aria-label={t("call:paused.words")}>
        <span class="dot" aria-hidden="true" />
        {t("call:paused.words")}
      </div>
      <span class="clock recording-clock" aria-hidden="true">
        {clock}
      </span>
    </>
  );
}
