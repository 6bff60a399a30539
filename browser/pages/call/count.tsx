// Three, two, one: how long until it records, large enough for everybody to see, heard by everybody, and out of nobody's way.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { nowMs } from "../../record/clock.ts";
import { t } from "../words.ts";
import { tick } from "./tick.ts";

const tickMs = 50;

export function Count({ beginsMs }: { beginsMs: number }) {
  const left = useSignal(secondsTo(beginsMs));
  useEffect(() => {
    const timer = window.setInterval(() => {
      left.value = secondsTo(beginsMs);
    }, tickMs);
    return () => window.clearInterval(timer);
  }, [beginsMs, left]);
  const now = left.value;
  useEffect(() => {
    if (now > 0) tick();
  }, [now]);
  return (
    <div class="count" role="timer" aria-label={t("call:count.soon")}>
      <span aria-hidden="true">{Math.max(1, now)}</span>
      <p aria-hidden="true">{t("call:count.soon")}</p>
    </div>
  );
}

const secondsTo = (beginsMs: number) => Math.ceil((beginsMs - nowMs()) / 1000);
