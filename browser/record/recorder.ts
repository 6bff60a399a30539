// One run of MediaRecorder. Promise: every chunk is delivered once and in order, the last one before `stop()` resolves.
import { UserError } from "../../protocol/errors.ts";
import type { ClockSample, SegmentFacts, Sighting } from "../../protocol/recording.ts";
import { nowMs } from "./clock.ts";
import type { Graph, Place } from "./graph.ts";
import { Turns } from "./turns.ts";
import { timesliceMs } from "./watch.ts";

export interface Chunk {
  /** From 0; empty ones are not counted. */
  sequence: number;
  bytes: ArrayBuffer;
  /** Clock in the `dataavailable` handler. */
  eventMs: number;
}

export interface RecorderOptions {
  stream: MediaStream;
  onChunk: (chunk: Chunk) => void;
  onError: (error: UserError) => void;
  /** It stopped although nobody asked it to. */
  onEnd?: () => void;
}

/** A recorder whose `start` event has not come by now will not send one; the facts say so with a null. */
const patienceMs = 4000;
/** One that does not say that it stopped by now never will. Long, because what it still had is lost then: on a machine that three browsers starve
 * Firefox was seen to take more than 15 s. */
const lastWordMs = 45_000;
/** Lets the film be cut into windows of whole seconds, and a late joiner of the file see something soon. */
const keyFrameEveryMs = 1000;
const videoBitsPerSecond = 2_500_000;
const audioBitsPerSecond = 128_000;
/** All iterations of the graph are told from so long before the call to so long after the event: the recorder began with one of them. */
const aroundStartMs = 50;
/** Readings from so long before the start tell how far behind the graph was when it came. */
const beforeStartMs = 2000;
/** As many more after the end tell whether time was lost just before it (`server/align/readings.ts`); they are not waited for for long. */
const afterEndMs = 150;
const afterEndPatienceMs = 500;

/** TypeScript's DOM library does not know it yet; browsers without it ignore it. */
type RecorderSettings = MediaRecorderOptions & { videoKeyFrameIntervalDuration?: number };

export class Recorder {
  readonly #recorder: MediaRecorder;
  /** Blobs are read one after the other: reads that overlap may end in another order. */
  #delivered: Promise<void>;
  #started: Promise<SegmentFacts> | null = null;
  #sequence = 0;
  /** The browser took `start()`, so a `stop` event will come. */
  #began = false;
  readonly #ended: Promise<void>;
  /** `stop()` was called. */
  #asked = false;
  /** Null: the browser's own clock stamps. */
  readonly #following: Promise<Graph | null> | null;
  #graph: Graph | null = null;
  /** From where on the graph's readings are to be taken. */
  #taken: Place | null = null;
  #startCallMs = Number.POSITIVE_INFINITY;
  #startEventMs = Number.POSITIVE_INFINITY;
  #sightings: Sighting[] = [];

  constructor(readonly options: RecorderOptions) {
    this.#recorder = makeRecorder(living(options.stream));
    this.#delivered = Promise.resolve();
    this.#recorder.addEventListener("dataavailable", (event) => this.#take(event.data, nowMs()));
    this.#recorder.addEventListener("error", (event) => options.onError(failure((event as ErrorEvent).error)));
    this.#following = follow(options.stream);
    void this.#following?.then((graph) => {
      this.#graph = graph;
    });
    this.#ended = new Promise((resolve) =>
      this.#recorder.addEventListener("stop", () => {
        resolve();
        if (!this.#asked) options.onEnd?.();
      }),
    );
  }

  /** Resolves at the `start` event. */
  start(): Promise<SegmentFacts> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Some of what dates the file beside its chunks, since the last call: readings of the recorder's own clock, where it is not the browser's, or pictures
   * that it was seen to take. Null: nothing new. */
  takeReadings(): Pick<ClockSample, "graph" | "pulses" | "sightings"> | null {
    const sightings = this.#sightings.splice(0);
    if (sightings.length > 0) return { sightings };
    if (!this.#graph) return null;
    const around = { fromMs: this.#startCallMs - aroundStartMs, toMs: this.#startEventMs + aroundStartMs };
    const { graph, pulses, next } = this.#graph.from(this.#taken ?? this.#graph.placeOf(this.#startCallMs - beforeStartMs), around);
    this.#taken = next;
    return graph.length + pulses.length > 0 ? { graph, pulses } : null;
  }

  async stop(): Promise<void> {
    this.#asked = true;
    if (!this.#began) return;
    const endMs = nowMs();
    if (this.#recorder.state !== "inactive") this.#recorder.stop();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, lastWordMs);
    });
    await Promise.race([this.#ended, patience]);
    clearTimeout(timer);
    await this.#delivered;
    await this.#graph?.reaches(endMs + afterEndMs, afterEndPatienceMs);
  }

  async #start(): Promise<SegmentFacts> {
    const recorder = this.#recorder;
    const started = new Promise<number | null>((resolve) => {
      recorder.addEventListener("start", () => resolve(nowMs()), { once: true });
      recorder.addEventListener("stop", () => resolve(null), { once: true });
      setTimeout(() => resolve(null), patienceMs);
    });
    const startCallMs = nowMs();
    this.#startCallMs = startCallMs;
    // Where the event is what dates the file, how long it may have waited for the page.
    const turns = this.#following ? new Turns() : null;
    let startedMs = startCallMs;
    try {
      recorder.start(timesliceMs);
      startedMs = nowMs();
      this.#began = true;
      if (!this.#following) this.#look();
    } catch (cause) {
      turns?.end();
      throw failure(cause);
    }
    // Read here: Firefox answers "" once the recorder has stopped.
    const asked = recorder.mimeType;
    const startEventMs = await started;
    this.#startEventMs = startEventMs ?? startCallMs;
    const mimeType = (recorder.mimeType || asked).slice(0, 200);
    return {
      ...browserOf(navigator.userAgent),
      mimeType,
      startCallMs,
      startEventMs,
      ...(turns ? { startedMs, startSinceMs: turns.end() } : {}),
    };
  }

  /** Not waited for: which pictures of the file were seen does not matter, and without any the facts are enough. */
  #look(): void {
    import("./sightings.ts")
      .then(({ look }) => look(this.options.stream, this.#sightings))
      .catch((error: unknown) => console.warn("recorder: no sightings", error));
  }

  #take(blob: Blob, eventMs: number): void {
    if (blob.size === 0) return;
    this.#delivered = this.#delivered.then(async () => {
      try {
        const bytes = await blob.arrayBuffer();
        this.options.onChunk({ sequence: this.#sequence++, bytes, eventMs });
      } catch (cause) {
        this.options.onError(failure(cause));
      }
    });
  }
}

/** The container and codecs, best first. Chromium: H.264, for VP8 at 720p starves the camera and the call (7 instead of 30 frames a second
 * on two cores); WebM before MP4, whose sound has no fixed place against its picture. Firefox has VP8 only. */
export function mimeTypes(video: boolean, audio: boolean): string[] {
  if (!video) return ["audio/webm;codecs=opus", "audio/mp4"];
  const sound = audio ? ",opus" : "";
  return [`video/webm;codecs=h264${sound}`, `video/webm;codecs=vp8${sound}`, "video/webm", "video/mp4"];
}

/** The clock that stamps this stream's files, where it is not the browser's own: in Firefox, and only where there is sound. Whoever opens a microphone
 * asks, so that it is known how the clock was before a recorder begins. Resolves with null where it cannot be read. */
export function follow(stream: MediaStream): Promise<Graph | null> | null {
  const [sound] = stream.getAudioTracks();
  if (!sound || browserOf(navigator.userAgent).browser !== "firefox") return null;
  return import("./graph.ts")
    .then(({ graphOf }) => graphOf(sound))
    .catch((error: unknown) => {
      console.warn("recorder: no readings of the media graph", error);
      return null;
    });
}

export function browserOf(userAgent: string): Pick<SegmentFacts, "browser" | "version"> {
  const firefox = /\bFirefox\/(\d+)/.exec(userAgent);
  if (firefox) return { browser: "firefox", version: Number(firefox[1]) };
  const chromium = /\b(?:Chrome|Chromium|HeadlessChrome)\/(\d+)/.exec(userAgent);
  if (chromium) return { browser: "chromium", version: Number(chromium[1]) };
  return { browser: "other", version: Number(/\bVersion\/(\d+)/.exec(userAgent)?.[1] ?? 0) };
}

/** Without what has ended: Firefox waits for a picture that will never come, and delivers nothing at all. */
function living(stream: MediaStream): MediaStream {
  const tracks = stream.getTracks();
  const alive = tracks.filter((track) => track.readyState === "live");
  return alive.length === tracks.length || alive.length === 0 ? stream : new MediaStream(alive);
}

function makeRecorder(stream: MediaStream): MediaRecorder {
  const video = stream.getVideoTracks().length > 0;
  const audio = stream.getAudioTracks().length > 0;
  if (typeof MediaRecorder === "undefined")
    throw new UserError("recorder-failed", "This browser cannot record. Use a current Chrome, Edge or Firefox.");
  const mimeType = mimeTypes(video, audio).find((type) => MediaRecorder.isTypeSupported(type));
  const settings: RecorderSettings = {
    ...(mimeType ? { mimeType } : {}),
    ...(video ? { videoBitsPerSecond, videoKeyFrameIntervalDuration: keyFrameEveryMs } : {}),
    ...(audio ? { audioBitsPerSecond } : {}),
  };
  try {
    return new MediaRecorder(stream, settings);
  } catch (cause) {
    throw failure(cause);
  }
}

function failure(cause: unknown): UserError {
  return new UserError("recorder-failed", "Recording stopped in this browser. What was recorded so far is kept.", { cause });
}
