// One stay in a room, from Join to Leave: wires the call, the captures and the uploads together.
// Promise: after `leave()` everything recorded has been handed to the outbox, and camera and microphone are off.
import { computed, signal } from "@preact/signals";
import type { Plate } from "../../../protocol/plate.ts";
import type { ClockSample, Source, TrackSource } from "../../../protocol/recording.ts";
import { beforeJoining, Call, type CallView, type Shown } from "../../call/call.ts";
import { leadOf, Speakers } from "../../call/speakers.ts";
import { nowMs } from "../../record/clock.ts";
import { openScreen } from "../../record/devices.ts";
import type { Keeps, TrackUpload } from "../../upload/uploads.ts";
import { sentence } from "../api.ts";
import { Capture } from "../capture.ts";
import { stop } from "../lobby/setup.ts";
import { statuses, uploads } from "../uploads.ts";
import { Equipment, isOn } from "./equipment.ts";
import { emptyFrame } from "./frame.ts";
import { Lane } from "./lane.ts";
import { Spare } from "./spare.ts";
import { Tally } from "./tally.ts";

/** How many pings a segment that starts now is given for its date. */
const samplesKept = 30;
/** How often the room is told how much is recorded here. */
const tellMs = 1000;
/** What is recorded waits no longer for the code that draws a name. */
const drawMs = 1000;
/** How often it is looked who speaks. */
const listenMs = 250;

export interface VisitOptions {
  room: string;
  key: string;
  name: string;
  consent: boolean;
  stream: MediaStream | null;
  /** Lets a page listen in on what is recorded, without a second recorder. */
  tap?: (upload: TrackUpload, source: TrackSource) => TrackUpload;
}

export class Visit {
  readonly view = signal<CallView>(beforeJoining);
  /** The call's own camera and microphone: one object for the whole stay, empty without either. */
  readonly stream: MediaStream;
  readonly equipment: Equipment;
  /** What went wrong here, in the person's words. */
  readonly problem = signal<string | null>(null);
  /** Who of the hosts switched my microphone off; null: nobody, or it is on again. */
  readonly mutedBy = signal<string | null>(null);
  /** Who of the others speaks, by id. */
  readonly speaking = signal<ReadonlySet<string>>(new Set());
  /** Who spoke last. */
  readonly lead = signal<string | null>(null);
  /** The recordings that something of mine went into. */
  readonly mine = signal<ReadonlySet<string>>(new Set());
  /** The recording that is on, or the last one there was during this stay. */
  readonly latest = signal<string | null>(null);
  /** On their way from this page: what is recorded during this stay, and what an earlier page left of this room. */
  readonly uploads = computed(() =>
    statuses.value.filter(({ recording, roomId }) => roomId === this.options.room || this.mine.value.has(recording)),
  );
  readonly #call: Call;
  readonly #lanes: Lane[] = [];
  readonly #tally = new Tally();
  readonly #spare = new Spare();
  readonly #speakers = new Speakers();
  readonly #shown = new Map<string, Shown>();
  readonly #listening: ReturnType<typeof setInterval>;
  readonly #unwatch: () => void;
  readonly #telling: ReturnType<typeof setInterval>;
  #samples: ClockSample[] = [];
  /** My name as this browser draws it. */
  #plate: Plate | null = null;
  #drawing: Promise<void> | null = null;
  /** Null until it is left. */
  leaving: Promise<void> | null = null;

  constructor(readonly options: VisitOptions) {
    this.stream = options.stream ?? new MediaStream();
    const { stream } = this;
    this.#call = new Call({
      ...options,
      stream,
      plate: () => this.#plate,
      frame: emptyFrame,
      onChange: (view) => this.#see(view),
      onLost: () => uploads().hurry(),
      onClockSample: (sample) => this.#sample(sample),
      onLinks: (links) => uploads().ways(links),
      onMuted: (by) => {
        this.equipment.turn("microphone", false);
        this.mutedBy.value = by;
      },
    });
    const swap = (old: MediaStreamTrack | null, fresh: MediaStreamTrack | null) => {
      for (const { capture } of this.#lanes) if (capture instanceof Capture) capture.camera();
      this.#call.replaceTrack(old, fresh);
    };
    this.equipment = new Equipment({ stream, swap, onChange: () => this.#see(this.view.value) });
    this.lane("camera");
    this.lane("screen");
    this.view.value = this.#call.view;
    this.#telling = setInterval(() => this.#tell(), tellMs);
    this.#listening = setInterval(() => {
      this.speaking.value = this.#speakers.look(this.#call.levels(), nowMs());
      this.lead.value = leadOf(this.lead.value, this.speaking.value, this.view.value.me?.id);
    }, listenMs);
    const keeps = computed(() => this.uploads.value.map((one) => one.keeps).join());
    this.#unwatch = keeps.subscribe(() => this.#see(this.view.peek()));
    this.#call.start();
  }

  /** The deeds of the call; the server decides whether I may. */
  ask(...deed: Parameters<Call["ask"]>): boolean {
    return this.#call.ask(...deed);
  }

  /** See `Call.say`. */
  say(...words: Parameters<Call["say"]>): void {
    this.#call.say(...words);
  }

  /** See `Call.whisper`. */
  whisper(...to: Parameters<Call["whisper"]>): boolean {
    return this.#call.whisper(...to);
  }

  /** Consent: without it nothing of mine is recorded from this moment on, and I stay in the call. */
  setRecorded(recorded: boolean): void {
    this.#call.consent(recorded);
  }

  async shareScreen(): Promise<void> {
    this.problem.value = null;
    try {
      const stream = await openScreen();
      if (this.leaving || !stream) return stop(stream);
      // The browser has a stop button of its own.
      for (const track of stream.getVideoTracks()) track.addEventListener("ended", () => this.stopScreen());
      this.#call.shareScreen(stream);
    } catch (error) {
      this.problem.value = sentence(error);
    }
  }

  stopScreen(): void {
    const { screen } = this.view.value;
    this.#call.stopScreen();
    stop(screen);
  }

  /** How high somebody's picture is drawn here, device pixels: they need not send a larger one. */
  shown(id: string, source: Source, px: number): void {
    const shown = { ...(this.#shown.get(id) ?? { camera: 0, screen: 0 }), [source]: px };
    this.#shown.set(id, shown);
    this.#call.shows(id, shown);
  }

  leave(): Promise<void> {
    this.leaving ??= this.#leave();
    return this.leaving;
  }

  async #leave(): Promise<void> {
    try {
      await Promise.all(this.#lanes.map((lane) => lane.want(null, null)));
    } finally {
      this.#tell();
      clearInterval(this.#telling);
      clearInterval(this.#listening);
      this.#unwatch();
      this.equipment.close();
      stop(this.view.value.screen);
      stop(this.stream);
      await this.#call.leave();
      this.#call.close();
      uploads().ways(new Map());
    }
  }

  #see(view: CallView): void {
    if (view.state === "joined" && this.view.peek().state === "reconnecting") uploads().hurry(true);
    this.view.value = view;
    if (view.beginsMs !== null) void this.#draw();
    this.latest.value = view.recording?.id ?? view.lastRecordingId ?? this.latest.value;
    for (const { participant } of view.others) {
      const shown = this.#shown.get(participant.id);
      if (shown) this.#call.shows(participant.id, participant.screen === null ? { ...shown, screen: 0 } : shown);
    }
    if (isOn(this.equipment?.microphone.peek() ?? "none")) this.mutedBy.value = null;
    if (this.leaving) return;
    const over = view.state === "left" || view.state === "refused";
    const recording = view.me?.recorded && !over ? (view.recording?.id ?? null) : null;
    const [camera, screen] = this.#lanes;
    const paused = view.recording !== null && view.recording.pausedMs !== null;
    void camera?.want(recording, this.#spare.of(this.equipment.recorded.value, this.#keeps("camera", recording)), paused);
    void screen?.want(recording, this.#spare.of(view.screen, this.#keeps("screen", recording)), paused);
  }

  #keeps(source: Source, recording: string | null): Keeps {
    return this.uploads.value.find((one) => one.source === source && one.recording === recording)?.keeps ?? "everything";
  }

  #tell(): void {
    const { recording, state } = this.view.value;
    for (const lane of this.#lanes) if (recording) this.#tally.count(recording.id, lane.options.source, lane.capture !== null, nowMs());
    if (state !== "joined") this.#tally.again();
    else
      this.#tally.tell(
        this.uploads.value.filter((one) => this.mine.value.has(one.recording)),
        (message) => this.#call.kept(message),
      );
  }

  #sample(sample: ClockSample): void {
    this.#samples = [...this.#samples, sample].slice(-samplesKept);
    for (const lane of this.#lanes) if (lane.capture instanceof Capture) lane.capture.clock(sample);
  }

  /** Another source of mine. Whoever asks says what is wanted of it; all of them end with the stay. */
  lane(source: TrackSource): Lane {
    const lane = new Lane({
      source,
      ticket: async (recording) => {
        await Promise.race([this.#draw(), new Promise((resolve) => setTimeout(resolve, drawMs))]);
        return await this.#call.ticket(recording, source);
      },
      open: (ticket) => {
        this.problem.value = null;
        this.mine.value = new Set([...this.mine.value, ticket.recording]);
        const upload = uploads().open(ticket, { room: this.view.value.room?.name ?? "", roomId: this.options.room, source });
        return this.options.tap ? this.options.tap(upload, source) : upload;
      },
      capture: (stream, upload, source, reason) =>
        new Capture({ stream, upload, source, reason, samples: () => this.#samples, onError: (error) => this.#fail(error) }),
      onError: (error) => this.#fail(error),
      onMended: () => {
        this.problem.value = null;
      },
    });
    this.#lanes.push(lane);
    return lane;
  }

  /** Loaded when something is to be recorded. A name that could not be drawn here is drawn by the server, as well as it can. */
  #draw(): Promise<void> {
    this.#drawing ??= import("./plate.ts").then(
      ({ plateOf }) => {
        this.#plate = plateOf(this.options.name);
      },
      (error: unknown) => {
        this.#drawing = null;
        console.warn("call: the name is not drawn", error);
      },
    );
    return this.#drawing;
  }

  #fail(error: unknown): void {
    this.problem.value = sentence(error);
  }
}
