// A voice for the journey's microphone: noise in syllables, words and pauses, another one for every participant. Beeps on the second sound alike a
// second later; this does so never. Source text for evaluateOnNewDocument, to come after the camera's; Chromium only, as it needs an AudioContext.

/** Text that replaces the sound of every camera stream by a voice. `seed`: whose. */
export function voiceSource(options: { seed: number }): string {
  return `(() => {
    const __name = (it) => it;
    ${[speak, startVoice, giveVoice].map(String).join("\n")}
    if (typeof MediaDevices !== "undefined") giveVoice(${JSON.stringify(options)});
  })()`;
}

/** Loudness steps for so many seconds: `[atSeconds, gain]`, each held until the next. */
function speak(seed: number, seconds: number): [number, number][] {
  let state = (seed * 2_654_435_761) >>> 0;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const steps: [number, number][] = [];
  for (let at = 0.2 + random(); at < seconds; at += 0.3 + random() * 1.2) {
    for (const end = at + 0.8 + random() * 2.5; at < end; ) {
      steps.push([at, 0.15 + random() * 0.5]);
      at += 0.08 + random() * 0.18;
      steps.push([at, 0.005]);
      at += 0.03 + random() * 0.12;
    }
  }
  return steps;
}

function startVoice({ seed }: { seed: number }): MediaStreamTrack {
  const context = new AudioContext({ sampleRate: 48_000 });
  const out = context.createMediaStreamDestination();
  out.channelCount = 1;
  const noise = context.createBuffer(1, 48_000 * 2, 48_000);
  const samples = noise.getChannelData(0);
  for (let index = 0; index < samples.length; index++) samples[index] = Math.random() * 2 - 1;
  const source = context.createBufferSource();
  source.buffer = noise;
  source.loop = true;
  const throat = context.createBiquadFilter();
  throat.type = "lowpass";
  throat.frequency.value = 1500;
  const volume = context.createGain();
  volume.gain.value = 0;
  source.connect(throat).connect(volume).connect(out);
  source.start();
  for (const [at, gain] of speak(seed, 600)) volume.gain.setTargetAtTime(gain, context.currentTime + at, 0.008);
  return out.stream.getAudioTracks()[0]!;
}

function giveVoice(options: { seed: number }): void {
  const native = MediaDevices.prototype.getUserMedia;
  let voice: MediaStreamTrack | undefined;
  MediaDevices.prototype.getUserMedia = async function (constraints) {
    const stream = await native.call(this, constraints);
    for (const track of stream.getAudioTracks()) {
      stream.removeTrack(track);
      voice ??= startVoice(options);
      stream.addTrack(voice.clone());
    }
    return stream;
  };
}
