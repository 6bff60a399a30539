// The call: who is here, what one sees and hears of them, and whether the room records. Promise: one view object, replaced on every change;
// a dropped socket never takes down a connection between people that still carries.
import { type CallDown, type CallUp, callVersion, type Participant } from "../../protocol/call.ts";
import type { UserErrorCode } from "../../protocol/errors.ts";
import type { Plate } from "../../protocol/plate.ts";
import type { ClockSample, TrackSource } from "../../protocol/recording.ts";
import { Addresses, type Frame } from "./addresses.ts";
import { forgetIdentity, identityOf, keepIdentity, recallIdentity } from "./identity.ts";
import type { Way } from "./link.ts";
import { Listening } from "./listening.ts";
import { Mesh } from "./mesh.ts";
import type { Identity } from "./people.ts";
import type { Plane, PlaneOptions, Shown } from "./plane.ts";
import { connect, probe } from "./reach.ts";
import { Signalling } from "./signalling.ts";
import { Tickets, type TrackTicket } from "./tickets.ts";
import { and, named, type Unsaid, upOf, type Words, without } from "./unsaid.ts";
import { beforeJoining, beginsMs, type CallView, nowMs, recordingOf } from "./view.ts";

export type { Other, Shown } from "./plane.ts";
export { beforeJoining, type CallView } from "./view.ts";

export interface CallOptions {
  room: string;
  key: string;
  name: string;
  consent: boolean;
  stream: MediaStream | null;
  /** My name as this browser draws it, for the film; null: it cannot. */
  plate?: () => Plate | null;
  /** Makes an empty frame. */
  frame: () => Frame;
  onChange: (view: CallView) => void;
  /** The socket to the room is gone: what goes over the same network may be too. */
  onLost?: () => void;
  onClockSample: (sample: ClockSample) => void;
  /** The host wants this microphone off. */
  onMuted: (by: string) => void;
  /** The ways to the others were measured anew. */
  onLinks: (links: Map<string, Way>) => void;
  /** How media travels; a mesh unless said. */
  plane?: (options: PlaneOptions) => Plane;
}

/** What somebody may ask for, as it goes up the wire: all but what the call says by itself. */
type Deed = Exclude<
  CallUp,
  { type: "join" | "signal" | "media" | "track" | "kept" | "consent" | "heard" | "ping" | "leave" | Words["type"] }
>;

export class Call {
  #view: CallView = beforeJoining;
  readonly #instance = crypto.randomUUID();
  #consent: boolean;
  /** Whom else this browser was in this room. */
  #before: Identity[] = [];
  readonly #ended = new AbortController();
  readonly #addresses: Addresses;
  readonly #signalling: Signalling;
  readonly #others: Plane;
  readonly #tickets: Tickets;
  readonly #listening: Listening;

  constructor(readonly options: CallOptions) {
    this.#consent = options.consent;
    this.#addresses = new Addresses(options.frame);
    const plane = options.plane ?? ((how: PlaneOptions) => new Mesh(how));
    this.#others = plane({
      send: (to, signal) => {
        this.#addresses.note(signal.candidate?.candidate);
        this.#signalling.send({ type: "signal", to, signal });
      },
      onChange: () => this.#show({ others: this.#others.list() }),
      onLinks: () => options.onLinks(this.#others.links()),
      onSilent: () => this.#signalling.ask(),
      where: () => this.#addresses.where(),
      joined: () => this.#view.state === "joined",
    });
    this.#signalling = new Signalling({
      connect,
      probe,
      moved: () => this.#addresses.moved(),
      nowMs,
      join: () => this.#join(),
      onMessage: (message) => this.#take(message),
      onSample: options.onClockSample,
      onLost: () => {
        this.#show({ state: this.#view.me ? "reconnecting" : "connecting" });
        options.onLost?.();
      },
      onRefused: (refusal) => this.#over({ state: "refused", refusal }),
    });
    this.#tickets = new Tickets((message) => void this.#signalling.send(message), options.plate);
    this.#listening = new Listening({ ears: () => this.#others.ears(), send: (message) => this.#signalling.send(message), nowMs });
    if (options.stream) this.#others.share(options.stream);
  }

  get view(): CallView {
    return this.#view;
  }

  start(): void {
    const { room, name } = this.options;
    const known = recallIdentity(room, name).then((before) => {
      this.#before = before;
    });
    this.#signalling.open(known);
    for (const [target, hint] of hints()) target?.addEventListener(hint, () => this.#signalling.hurry(), { signal: this.#ended.signal });
  }

  /** The camera and microphone stay the caller's. */
  async leave(): Promise<void> {
    if (!this.#over({ state: "left" })) return;
    await Promise.all([forgetIdentity(this.options.room), this.#signalling.leave()]);
  }

  /** Says it to the server, which decides whether this participant may. False when there is no socket to carry it. */
  ask(deed: Deed): boolean {
    this.#show({ notice: null });
    return this.#view.state === "joined" && this.#signalling.send(deed);
  }

  /** To everybody: now, or as soon as there is a connection; until the server has it, it is among `unsaid`. */
  say(words: Words): void {
    const one = named(words, nowMs());
    this.#show({ notice: null, unsaid: [...this.#view.unsaid, one] });
    this.#say([one]);
  }

  #say(unsaid: readonly Unsaid[]): void {
    if (this.#view.state === "joined") for (const one of unsaid) this.#signalling.send(upOf(one, nowMs()));
  }

  /** How loud everybody else is right now, 0 … 1, by id. */
  levels(): Map<string, number> {
    return this.#others.levels();
  }

  /** How large somebody is shown here. */
  shows(id: string, shown: Shown): void {
    this.#others.show(id, shown);
  }

  /** Consent taken back or given again; whoever records hears of it by `me.recorded`, at once. */
  consent(given: boolean): void {
    this.#consent = given;
    const { me } = this.#view;
    this.#signalling.send({ type: "consent", given });
    if (me && me.role !== "observer") this.#show({ me: { ...me, recorded: given } });
  }

  /** False when there is no socket to carry it. */
  kept(message: CallUp & { type: "kept" }): boolean {
    return this.#view.state === "joined" && this.#signalling.send(message);
  }

  /** A change in the stream that was given at the start. `old` null: `fresh` is the first of its kind; `fresh` null: the old one stays, and is on,
   * off or gone now. */
  replaceTrack(old: MediaStreamTrack | null, fresh: MediaStreamTrack | null): void {
    if (fresh && old) this.#others.replace(old, fresh);
    else if (fresh && this.options.stream) this.#others.add(fresh, this.options.stream);
    this.#tellMedia();
  }

  /** The stream is this call's from now on: `stopScreen` stops it, and so does the browser's own button. */
  shareScreen(stream: MediaStream): void {
    this.stopScreen();
    this.#show({ screen: stream });
    for (const track of stream.getVideoTracks()) track.addEventListener("ended", () => this.#view.screen === stream && this.stopScreen());
    this.#tellMedia();
    this.#others.share(stream);
  }

  stopScreen(): void {
    const { screen } = this.#view;
    if (!screen) return;
    this.#others.unshare(screen);
    for (const track of screen.getTracks()) track.stop();
    this.#show({ screen: null });
    this.#tellMedia();
  }

  /** From now on this one is sent this stream and nobody else is; null: neither is. `on`: I speak. False: there was no socket to tell them by. */
  whisper(to: string, stream: MediaStream | null, on: boolean): boolean {
    // Told before it is offered: their page must not take it for a camera.
    const told = this.ask({ type: "whisper", to, stream: stream?.id ?? null, on });
    this.#others.whisper(to, told ? stream : null);
    return told;
  }

  /** Waits over reconnects; rejects with a UserError when the server declines or the call is over. */
  ticket(recordingId: string, source: TrackSource): Promise<TrackTicket> {
    return this.#tickets.ask(recordingId, source);
  }

  /** Goes without a word: the server waits for this participant to come back. */
  close(): void {
    this.#over({ state: "left" });
    this.#signalling.close();
  }

  #join(): CallUp {
    const { room, key, name } = this.options;
    const as = identityOf(room);
    return {
      type: "join",
      version: callVersion,
      room,
      key,
      name,
      instance: this.#instance,
      ...(as ? { as } : {}),
      others: this.#before,
      consent: this.#consent,
      ...this.#media(),
    };
  }

  #take(message: CallDown): void {
    switch (message.type) {
      case "welcome":
        this.#welcome(message);
        break;
      case "ice":
        this.#others.configure(message.iceServers);
        break;
      case "joined":
        this.#others.enter(message.participant);
        break;
      case "changed":
        if (message.participant.id === this.#view.me?.id) this.#changed(message.participant);
        else this.#others.change(message.participant);
        break;
      case "left":
        this.#others.leave(message.id);
        this.#whispered(message.id, null, false);
        break;
      case "whisper":
        this.#others.whispered(message.from, message.stream);
        this.#whispered(message.from, message.stream, message.on);
        break;
      case "signal":
        this.#others.signal(message.from, message.signal);
        break;
      case "recording":
        if (message.recording.id !== this.#view.lastRecordingId) this.#show({ bookmarks: [] });
        this.#show({ ...recordingOf(message.recording), beginsMs: null, notice: null });
        break;
      case "countdown":
        this.#show({ beginsMs: beginsMs(message.countdownMs) });
        break;
      case "chat":
        this.#show({ chat: and(this.#view.chat, message.message), unsaid: without(this.#view.unsaid, [message.message]) });
        break;
      case "bookmark":
        this.#show({ unsaid: without(this.#view.unsaid, [message.bookmark]) });
        // One that waited may be of the recording before.
        if (message.recording === this.#view.lastRecordingId) this.#show({ bookmarks: and(this.#view.bookmarks, message.bookmark) });
        break;
      case "rules":
        this.#show({ rules: message.rules });
        break;
      case "play":
        this.#show({ play: message.play });
        break;
      case "muted":
        this.options.onMuted(message.by);
        break;
      case "stopped":
        this.#show({ recording: null, lastRecordingId: message.recording });
        break;
      case "track":
        this.#tickets.take(message);
        break;
      case "refused":
        this.#tickets.refuse(message.code as UserErrorCode, message.message);
        this.#show({
          notice: { code: message.code, message: message.message, about: message.about },
          unsaid: without(this.#view.unsaid, [{ id: message.about ?? "" }]),
        });
        break;
      case "safety":
        this.#show({ safety: { recording: message.recording, items: message.items } });
        break;
      case "pong":
        break;
    }
  }

  #welcome(message: CallDown & { type: "welcome" }): void {
    const { me, room, participants, recording, iceServers, relayOnly, rules, chat, bookmarks } = message;
    void keepIdentity(this.options.room, { id: me.id, secret: me.secret }, this.options.name);
    // The others have closed what there was between us, or know somebody else than me.
    if (message.forgotten || (this.#view.me && this.#view.me.id !== me.id)) this.#others.clear();
    this.#others.meet(me.id, participants, { iceServers, iceTransportPolicy: relayOnly ? "relay" : "all" });
    this.#show({
      state: "joined",
      me: participants.find((participant) => participant.id === me.id) ?? null,
      room,
      rules,
      chat,
      unsaid: without(this.#view.unsaid, [...chat, ...bookmarks]),
      // An end may have been missed: what is not said to be on is not heard.
      whispers: new Map([...this.#view.whispers.keys()].map((id) => [id, false])),
      // Told anew where there still is one.
      play: null,
      ...(recording ? { ...recordingOf(recording), bookmarks } : { recording: null }),
      beginsMs: beginsMs(message.countdownMs),
    });
    // The server knows of what was shared when the connection was lost.
    if (this.#view.screen || this.#view.me?.screen) this.#tellMedia();
    this.#tickets.askAgain();
    this.#say(this.#view.unsaid);
  }

  #whispered(from: string, stream: string | null, on: boolean): void {
    const whispers = new Map(this.#view.whispers);
    if (stream === null) whispers.delete(from);
    else whispers.set(from, on);
    this.#show({ whispers });
  }

  /** What the server knows of me; what of mine is on, this page knows best. */
  #changed({ hosting, handMs }: Participant): void {
    if (this.#view.me) this.#show({ me: { ...this.#view.me, hosting, handMs } });
  }

  /** False when it was over before. */
  #over(end: { state: "left" } | { state: "refused"; refusal: CallView["refusal"] }): boolean {
    if (this.#view.state === "left" || this.#view.state === "refused") return false;
    this.#ended.abort();
    this.stopScreen();
    this.#others.clear();
    this.#addresses.close();
    this.#tickets.refuse("gone", "You are not in the call any more.");
    this.#show({ ...end, others: [], recording: null, beginsMs: null, unsaid: [], whispers: new Map() });
    return true;
  }

  #media(): { microphone: boolean; camera: boolean } {
    const on = (tracks: MediaStreamTrack[] = []) => tracks.some((track) => track.enabled && track.readyState === "live");
    return { microphone: on(this.options.stream?.getAudioTracks()), camera: on(this.options.stream?.getVideoTracks()) };
  }

  #tellMedia(): void {
    const media = { ...this.#media(), screen: this.#view.screen?.id ?? null };
    if (this.#view.me) this.#show({ me: { ...this.#view.me, ...media } });
    this.#signalling.send({ type: "media", ...media });
  }

  #show(change: Partial<CallView>): void {
    this.#view = { ...this.#view, ...change };
    const { me, recording } = this.#view;
    this.#listening.during(me?.recorded && recording ? recording.id : null);
    this.options.onChange(this.#view);
  }
}

/** What tells of a network that may have changed: not every browser says it in the same way, and a laptop that wakes up shows the page first. */
const hints = (): [EventTarget | undefined, string][] => [
  [window, "online"],
  [document, "visibilitychange"],
  [(navigator as Navigator & { connection?: EventTarget }).connection, "change"],
];
