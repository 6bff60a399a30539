// Three, two, one for the ears: a short soft tone, made where it is heard. The last one is over before anything is recorded.

/** Hz, s, and of full scale: beside a voice, not over it. */
const toneHz = 660;
const lengthS = 0.09;
const loudness = 0.07;

let context: AudioContext | null = null;

export function tick(): void {
  try {
    context ??= new AudioContext();
    // One that may not sound yet is told to, and not waited for: Firefox without a sound device never answers.
    if (context.state === "suspended") void context.resume();
    const at = context.currentTime;
    const wave = new OscillatorNode(context, { frequency: toneHz });
    const level = new GainNode(context, { gain: 0 });
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(loudness, at + 0.008);
    level.gain.exponentialRampToValueAtTime(0.0001, at + lengthS);
    wave.connect(level).connect(context.destination);
    wave.start(at);
    wave.stop(at + lengthS);
  } catch (error) {
    // Without a sound device there is none: the count is written and read out as well.
    console.info("the count cannot sound here", error);
  }
}
