// One stay in a room, from Join to Leave: wires the call, the captures and the uploads together.
// Promise: after `leave()` everything recorded has been handed to the outbox, and camera and microphone are off.
import { computed, signal } from "@preact/signals";
import type { ClockSample, Source } from "../../../protocol/recording.ts";
import { Call, type CallView } from "../../call/call.ts";
import { openScreen } from "../../record/devices.ts";
import type { TrackUpload } from "../../upload/uploads.ts";
import { sentence } from "../api.ts";
import { Capture } from "../capture.ts";
import { stop } from "../lobby/setup.ts";
import { statuses, uploads } from "../uploads.ts";
import { Lane } from "./lane.ts";

/** How many pings a segment that starts now is given for its date. */
const samplesKept = 30;

export interface VisitOptions {
  room: string;
  key: string;
  name: string;
  consent: boolean;
  stream: MediaStream | null;
  /** Lets a page listen in on what is recorded, without a second recorder. */
  tap?: (upload: TrackUpload, source: Source) => TrackUpload;
}

export class Visit {
  readonly view = signal<CallView>(nothing);
  readonly microphone = signal(false);
  readonly camera = signal(false);
  /** What went wrong here, in the person's words. */
  readonly problem = signal<string | null>(null);
  /** The recordings that something of mine went into. */
  readonly mine = signal<ReadonlySet<string>>(new Set());
  /** The recording that is on, or the last one there was during this stay. */
  readonly latest = signal<string | null>(null);
  readonly uploads = computed(() => statuses.value.filter((status) => this.mine.value.has(status.recording)));
  readonly #call: Call;
  readonly #lanes: Lane[];
  #samples: ClockSample[] = [];
  #leaving: Promise<void> | null = null;

  constructor(readonly options: VisitOptions) {
    const { stream } = options;
    this.microphone.value = live(stream?.getAudioTracks());
    this.camera.value = live(stream?.getVideoTracks());
    this.#call = new Call({ ...options, onChange: (view) => this.#see(view), onClockSample: (sample) => this.#sample(sample) });
    this.#lanes = [this.#lane("camera"), this.#lane("screen")];
    this.view.value = this.#call.view;
    // Only a device that goes away by itself fires this; stopping it here does not.
    for (const track of stream?.getTracks() ?? []) track.addEventListener("ended", () => this.#lost(track));
    this.#call.start();
  }

  record(): void {
    this.#call.record();
  }

  /** Ends the recording for everybody. */
  stop(): void {
    this.#call.stop();
  }

  turnMicrophone(on: boolean): void {
    this.microphone.value = on;
    this.#call.setMicrophone(on);
  }

  turnCamera(on: boolean): void {
    this.camera.value = on;
    this.#call.setCamera(on);
  }

  async shareScreen(): Promise<void> {
    try {
      const stream = await openScreen();
      if (this.#leaving) return stop(stream);
      // The browser has a stop button of its own.
      for (const track of stream.getVideoTracks()) track.addEventListener("ended", () => this.stopScreen());
      this.#call.shareScreen(stream);
      this.problem.value = null;
    } catch (error) {
      this.problem.value = sentence(error);
    }
  }

  stopScreen(): void {
    const { screen } = this.view.value;
    this.#call.stopScreen();
    stop(screen);
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  async #leave(): Promise<void> {
    try {
      await Promise.all(this.#lanes.map((lane) => lane.want(null, null)));
    } finally {
      stop(this.view.value.screen);
      stop(this.options.stream);
      await this.#call.leave();
      this.#call.close();
    }
  }

  #see(view: CallView): void {
    this.view.value = view;
    this.latest.value = view.recording?.id ?? view.lastRecordingId ?? this.latest.value;
    if (this.#leaving) return;
    const over = view.state === "left" || view.state === "refused";
    const recording = view.me?.recorded && !over ? (view.recording?.id ?? null) : null;
    const [camera, screen] = this.#lanes;
    void camera?.want(recording, this.options.stream);
    void screen?.want(recording, view.screen);
  }

  #sample(sample: ClockSample): void {
    this.#samples = [...this.#samples, sample].slice(-samplesKept);
    for (const lane of this.#lanes) if (lane.capture instanceof Capture) lane.capture.clock(sample);
  }

  #lane(source: Source): Lane {
    return new Lane({
      source,
      ticket: (recording) => this.#call.ticket(recording, source),
      open: (ticket) => {
        this.problem.value = null;
        this.mine.value = new Set([...this.mine.value, ticket.recording]);
        const upload = uploads().open(ticket, { room: this.view.value.room?.name ?? "", source });
        return this.options.tap ? this.options.tap(upload, source) : upload;
      },
      capture: (stream, upload) => new Capture({ stream, upload, samples: () => this.#samples, onError: (error) => this.#fail(error) }),
      onError: (error) => this.#fail(error),
    });
  }

  #lost(track: MediaStreamTrack): void {
    const device = track.kind === "video" ? "camera" : "microphone";
    this.problem.value = `What was recorded so far is safe. Your ${device} is gone: plug it in again, then leave and rejoin.`;
  }

  #fail(error: unknown): void {
    this.problem.value = sentence(error);
  }
}

function live(tracks: MediaStreamTrack[] | undefined): boolean {
  return tracks?.some((track) => track.enabled && track.readyState === "live") ?? false;
}

const nothing: CallView = {
  state: "connecting",
  refusal: null,
  notice: null,
  me: null,
  room: null,
  others: [],
  recording: null,
  lastRecordingId: null,
  screen: null,
};
