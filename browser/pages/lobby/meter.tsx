// How loud the microphone is. Shown only where the browser measures at all (Firefox without a sound card never starts to).
import { useSignal } from "@preact/signals";
import { Mic } from "lucide-preact";
import { useEffect } from "preact/hooks";

const everyMs = 80;

export function Meter({ stream }: { stream: MediaStream | null }) {
  const level = useSignal<number | null>(null);
  useEffect(() => {
    level.value = null;
    if (!stream?.getAudioTracks().length) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = window.setInterval(() => {
      if (context.state !== "running") return;
      analyser.getFloatTimeDomainData(samples);
      level.value = loudness(samples);
    }, everyMs);
    return () => {
      window.clearInterval(timer);
      void context.close();
    };
  }, [stream]);
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

/** 0 … 1 over the 60 dB below full scale. */
function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-9);
  return Math.min(1, Math.max(0, (decibels + 60) / 60));
}
