// What a microphone delivers, measured while it is used. Where the browser does not measure at all (Firefox without a sound card never starts to),
// nothing is ever said: no answer is not silence.

export interface LevelOptions {
  everyMs: number;
  /** How far back each look reaches, in samples; a power of two up to 32768. */
  samples: number;
  onLook: (samples: Float32Array) => void;
}

/** Returns how to stop. The track stays as it is. */
export function listen(track: MediaStreamTrack, { everyMs, samples, onLook }: LevelOptions): () => void {
  const context = new AudioContext({ latencyHint: "playback" });
  const analyser = context.createAnalyser();
  analyser.fftSize = samples;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  // Held back until the person does something on the page; Firefox never answers where it has no sound device, so nobody waits for it.
  const wake = () => void context.resume();
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  const seen = new Float32Array(samples);
  const timer = setInterval(() => {
    if (context.state !== "running") return;
    analyser.getFloatTimeDomainData(seen);
    onLook(seen);
  }, everyMs);
  return () => {
    clearInterval(timer);
    document.removeEventListener("pointerdown", wake);
    document.removeEventListener("keydown", wake);
    void context.close();
  };
}

/** 0 … 1 over the 60 dB below full scale. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / samples.length + 1e-9);
  return Math.min(1, Math.max(0, (decibels + 60) / 60));
}
