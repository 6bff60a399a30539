// How loud the microphone is. Shown only where the browser measures at all.
import { useSignal } from "@preact/signals";
import { Mic } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { listen, loudness } from "../../record/level.ts";
import { t } from "../words.ts";

const everyMs = 80;

/** `track`: another one when another microphone is used. `onLevel`: each look, 0 to 1. */
export function Meter({ track, onLevel }: { track: MediaStreamTrack | null; onLevel?: (level: number) => void }) {
  const level = useSignal<number | null>(null);
  useEffect(() => {
    level.value = null;
    if (!track) return;
    return listen(track, {
      everyMs,
      samples: 2048,
      onLook: (samples) => {
        level.value = loudness(samples);
        onLevel?.(level.value);
      },
    });
  }, [track, level]);
  if (level.value === null) return <div class="meter" aria-hidden="true" />;
  return (
    <div class="meter" role="img" aria-label={t("lobby:meter")}>
      <Mic size={16} aria-hidden="true" />
      <span class="bar-track">
        <span style={{ transform: `scaleX(${level.value.toFixed(3)})` }} />
      </span>
    </div>
  );
}
