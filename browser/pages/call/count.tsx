// Three, two, one: how long until it records, large enough for everybody to see, and out of nobody's way.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { nowMs } from "../../record/clock.ts";
import { t } from "../words.ts";

const tickMs = 50;

export function Count({ beginsMs }: { beginsMs: number }) {
  const left = useSignal(beginsMs - nowMs());
  useEffect(() => {
    const timer = window.setInterval(() => {
      left.value = beginsMs - nowMs();
    }, tickMs);
    return () => window.clearInterval(timer);
  }, [beginsMs, left]);
  return (
    <div class="count" role="timer" aria-label={t("call:count.soon")}>
      <span aria-hidden="true">{Math.max(1, Math.ceil(left.value / 1000))}</span>
      <p aria-hidden="true">{t("call:count.words")}</p>
    </div>
  );
}
