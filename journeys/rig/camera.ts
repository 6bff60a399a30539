// The camera and microphone of a journey: in the page, getUserMedia hands out a canvas that shows the true time and a sound that beeps on the true
// second; MediaRecorder is listened to, so that a test knows what the browser wrote. Truth is what the journey told the page (truth.ts), else the
// machine's clock as every browser on it tells it (timeOrigin + now, within 1 ms of one another). A picture is drawn in the frame that captures
// it; WebAudio delivers in blocks, so beeps lie within about ±15 ms of the second, each run at another place. How far exactly: docs/sync.md.
import { beepMs, cell, cellsOf, readCode, strip, toneHz } from "./code.ts";
import { witness, witnessFunctions } from "./witness.ts";

export interface CameraOptions {
  participant: number;
  width: number;
  height: number;
  /** "device": the browser's own fake microphone, a steady tone. Firefox starts no AudioContext on a machine without an audio device. */
  sound: "beeps" | "device";
  /** "device": the browser's own camera and microphone, which a reel feeds (reel.ts). */
  picture?: "canvas" | "device";
  /** No camera opens before the page was told the true time. */
  awaitsTruth?: boolean;
  /** The page's own pictures (Chromium only) and sounds are looked at as they come. */
  witnessed?: boolean;
}

/** A shared screen says its participant's number plus this. */
export const screenNumber = 8;

/** What the page's recorders wrote, oldest first. */
export interface Written {
  bytes: number;
  sha256: string;
  stopped: boolean;
}

/** Source text for evaluateOnNewDocument. Text, not a function with arguments, because compilers add calls that a page does not know. */
export function cameraSource(options: CameraOptions): string {
  const facts = JSON.stringify({ ...options, screenNumber, strip, beepMs, toneHz: toneHz(options.participant) });
  // The functions below run in the page under their own names, closed over nothing but one another: a compiler renames what a module imports,
  // so cellsOf is handed in.
  const functions = [
    cellsOf,
    clockMs,
    takenMs,
    paintScenery,
    startPicture,
    startBeeps,
    replaceDevices,
    watchRecorders,
    watchConnections,
    watchPulses,
  ];
  const watching = options.witnessed ? [cell, readCode, ...witnessFunctions] : [];
  return `(() => {
    const __name = (it) => it;
    ${[...functions, ...watching].map(String).join("\n")}
    const strip = ${JSON.stringify(strip)};
    if (typeof MediaDevices === "undefined") return; // not a secure context: no devices to replace
    replaceDevices(${facts}, cellsOf, ${options.witnessed ? `(stream) => ${witness.name}(stream, { strip }, readCode)` : "() => undefined"});
    globalThis.doubletakeRig = { written: watchRecorders(), ...watchConnections(), pulses: watchPulses() };
  })()`;
}

export const writtenSource = "globalThis.doubletakeRig.written()";
export const routesSource = "globalThis.doubletakeRig.routes()";
export const voicesSource = "globalThis.doubletakeRig.voices()";
export const pulsesSource = "globalThis.doubletakeRig.pulses()";

type Facts = CameraOptions & { screenNumber: number; strip: typeof strip; beepMs: number; toneHz: number };

function clockMs(): number {
  const nowMs = performance.timeOrigin + performance.now();
  const truth = globalThis.doubletakeTruth;
  return truth ? truth.trueMs + (nowMs - truth.pageMs) * truth.rate : nowMs;
}

/** When what is drawn now counts as taken. Firefox stamps a canvas's pictures with the tick of the screen that they are drawn in, however late in it the
 * page has its turn; Chromium with the moment of the capture itself. */
function takenMs(tickMs: number): number {
  const lateMs = navigator.userAgent.includes("Firefox") ? performance.now() - tickMs : 0;
  return clockMs() - Math.max(0, lateMs);
}

/** What stands still behind the person. */
function paintScenery({ width, height }: Facts, participant: number): OffscreenCanvas {
  const scenery = new OffscreenCanvas(width, height);
  const brush = scenery.getContext("2d")!;
  const fill = brush.createLinearGradient(0, 0, width, height);
  fill.addColorStop(0, `hsl(${participant * 80 + 200} 45% 40%)`);
  fill.addColorStop(1, `hsl(${participant * 80 + 250} 45% 22%)`);
  brush.fillStyle = fill;
  brush.fillRect(0, 0, width, height);
  return scenery;
}

function startPicture(facts: Facts, participant: number, cells: typeof cellsOf): MediaStreamTrack {
  const { width, height, strip } = facts;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d", { alpha: false })!;
  const scenery = paintScenery(facts, participant);
  const across = (column: number) => Math.round((strip.left + column * strip.cellWidth) * width);
  const down = (row: number) => Math.round((strip.top + row * strip.cellHeight) * height);
  const draw = (atMs: number) => {
    pen.drawImage(scenery, 0, 0);
    pen.fillStyle = "hsl(30 45% 65%)";
    const sway = Math.sin(atMs / 700) * width * 0.08;
    pen.beginPath();
    pen.ellipse(width / 2 + sway, height * 0.58, height * 0.17, height * 0.22, 0, 0, 2 * Math.PI);
    pen.ellipse(width / 2 + sway * 0.6, height * 1.08, height * 0.38, height * 0.3, 0, 0, 2 * Math.PI);
    pen.fill();
    cells(participant, atMs).forEach((bit, index) => {
      const column = index % strip.columns;
      const row = Math.floor(index / strip.columns);
      pen.fillStyle = bit ? "#ebebeb" : "#101010";
      pen.fillRect(across(column), down(row), across(column + 1) - across(column), down(row + 1) - down(row));
    });
  };
  let drawnMs = 0;
  const onFrame = (tickMs: number) => {
    const atMs = takenMs(tickMs);
    // Every second frame of a 60 Hz screen; 30 ms, not 33.3, so that a frame that comes a little early still counts.
    if (atMs - drawnMs >= 30) {
      drawnMs = atMs;
      draw(atMs);
    }
    requestAnimationFrame(onFrame);
  };
  onFrame(performance.now());
  // A hidden tab has no frames.
  setInterval(() => {
    if (clockMs() - drawnMs > 150) draw(clockMs());
  }, 33);
  return canvas.captureStream().getVideoTracks()[0]!;
}

function startBeeps(facts: Facts): MediaStreamTrack {
  const context = new AudioContext({ sampleRate: 48_000 });
  const out = context.createMediaStreamDestination();
  out.channelCount = 1;
  const volume = context.createGain();
  volume.gain.value = 0;
  const tone = context.createOscillator();
  tone.frequency.value = facts.toneHz;
  tone.connect(volume).connect(out);
  tone.start();
  // currentTime stands still between blocks, so the least difference of the last two seconds is the true one.
  const offsets: number[] = [];
  let nextSecond = 0;
  setInterval(() => {
    offsets.push(clockMs() - context.currentTime * 1000);
    if (offsets.length > 100) offsets.shift();
    const second = Math.ceil((clockMs() + 60) / 1000);
    if (second <= nextSecond || offsets.length < 20) return;
    nextSecond = second;
    const at = (second * 1000 - Math.min(...offsets)) / 1000;
    const end = at + facts.beepMs / 1000;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.25, at + 0.001);
    volume.gain.setValueAtTime(0.25, end - 0.001);
    volume.gain.linearRampToValueAtTime(0, end);
  }, 20);
  return out.stream.getAudioTracks()[0]!;
}

function replaceDevices(facts: Facts, cells: typeof cellsOf, witness: (stream: MediaStream) => void): void {
  let picture: MediaStreamTrack | null = null;
  let beeps: MediaStreamTrack | null = null;
  let witnessed = false;
  const native = MediaDevices.prototype.getUserMedia;
  const open = async (devices: MediaDevices, constraints?: MediaStreamConstraints): Promise<MediaStream> => {
    if (facts.picture === "device") return await native.call(devices, constraints);
    const stream = new MediaStream();
    if (constraints?.video) {
      picture ??= startPicture(facts, facts.participant, cells);
      stream.addTrack(picture.clone());
    }
    if (constraints?.audio && facts.sound === "beeps") {
      beeps ??= startBeeps(facts);
      stream.addTrack(beeps.clone());
    } else if (constraints?.audio) {
      const fake = await native.call(devices, { audio: true });
      for (const track of fake.getAudioTracks()) stream.addTrack(track);
    }
    return stream;
  };
  MediaDevices.prototype.getUserMedia = async function (constraints) {
    while (facts.awaitsTruth && !globalThis.doubletakeTruth) await new Promise((resolve) => setTimeout(resolve, 10));
    const stream = await open(this, constraints);
    if (!witnessed && constraints?.video && constraints.audio) {
      witnessed = true;
      witness(stream);
    }
    return stream;
  };
  MediaDevices.prototype.getDisplayMedia = async () =>
    new MediaStream([startPicture(facts, facts.participant + facts.screenNumber, cells)]);
}

function watchRecorders(): () => Promise<Written[]> {
  const recorders: { blobs: Blob[]; stopped: boolean }[] = [];
  const Native = MediaRecorder;
  globalThis.MediaRecorder = class extends Native {
    constructor(stream: MediaStream, options?: MediaRecorderOptions) {
      super(stream, options);
      const entry = { blobs: [] as Blob[], stopped: false };
      recorders.push(entry);
      this.addEventListener("dataavailable", (event) => {
        if (event.data.size > 0) entry.blobs.push(event.data);
      });
      this.addEventListener("stop", () => {
        entry.stopped = true;
      });
    }
  };
  const hex = (bytes: ArrayBuffer) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const written = async ({ blobs, stopped }: { blobs: Blob[]; stopped: boolean }) => {
    const bytes = await new Blob(blobs).arrayBuffer();
    return { bytes: bytes.byteLength, sha256: hex(await crypto.subtle.digest("SHA-256", bytes)), stopped };
  };
  return () => Promise.all(recorders.map(written));
}

/** `routes`: "host", "srflx" or "relay" at either end of every connection that carries media. `voices`: how many sounds come in over all of them. */
function watchConnections(): { routes: () => Promise<string[]>; voices: () => number } {
  const connections: RTCPeerConnection[] = [];
  const Native = RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      connections.push(this);
    }
  };
  const voices = () => {
    const alive = connections.filter(({ connectionState }) => connectionState === "connected");
    const receiving = alive.flatMap((connection) => connection.getTransceivers());
    return receiving.filter(({ currentDirection, receiver }) => receiver.track.kind === "audio" && currentDirection?.includes("recv"))
      .length;
  };
  const routes = async () => {
    const found: string[] = [];
    for (const connection of connections.filter(({ connectionState }) => connectionState === "connected")) {
      const stats = new Map<string, Record<string, unknown>>();
      (await connection.getStats()).forEach((value: Record<string, unknown> & { id: string }) => {
        stats.set(value.id, value);
      });
      for (const pair of stats.values()) {
        if (pair.type !== "candidate-pair" || !pair.nominated || pair.state !== "succeeded") continue;
        for (const end of [pair.localCandidateId, pair.remoteCandidateId]) found.push(String(stats.get(String(end))?.candidateType));
      }
    }
    return found;
  };
  return { routes, voices };
}

/** For how long the page has heard from the thread of a microphone's graph (browser/record/pulse.ts), by that thread's readings, ms. */
function watchPulses(): () => number {
  let fromMs: number | null = null;
  let toMs = 0;
  const Native = Worker;
  globalThis.Worker = class extends Native {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      if (!String(url).includes("pulse")) return;
      this.addEventListener("message", ({ data }: MessageEvent<{ browserMs: number }[]>) => {
        fromMs ??= data[0]!.browserMs;
        toMs = data.at(-1)!.browserMs;
      });
    }
  };
  return () => (fromMs === null ? 0 : toMs - fromMs);
}
