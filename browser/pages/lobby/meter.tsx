// How loud the microphone is. Shown only where the browser measures at all.
import { useSignal } from "@preact/signals";
import { Mic } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { listen, loudness } from "../../record/level.ts";

const everyMs = 80;

/** `track`: another one when another microphone is used. */
export function Meter({ track }: { track: MediaStreamTrack | null }) {
  const level = useSignal<number | null>(null);
  useEffect(() => {
    level.value = null;
    if (!track) return;
    return listen(track, {
      everyMs,
      samples: 2048,
      onLook: (samples) => {
        level.value = loudness(samples);
      },
    });
  }, [track, level]);
  if (level.value === null) return <div class="meter" aria-hidden="true" />;
  return (
    <div class="meter" role="img" aria-label="Microphone level">
      <Mic size={16} aria-hidden="true" />
      <span class="bar-track">
        <span style={{ transform: `scaleX(${level.value.toFixed(3)})` }} />
      </span>
    </div>
  );
}
