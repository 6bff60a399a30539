// A connection to everybody else in the room: one seat per participant, with the peer connection and what comes over it.
// Promise: a seat keeps its connection for as long as the participant's instance stays the same and it carries, whatever happens to the socket; one
// that stays dark is given up for a fresh one, on both sides.
import { type Participant, PeerWord, parseJson, type Signal } from "../../protocol/call.ts";
import type { Where } from "./addresses.ts";
import type { Ear } from "./hearing.ts";
import { barsOf, LinkReader, type Way } from "./link.ts";
import { Lull } from "./lull.ts";
import { Path } from "./path.ts";
import { Peer } from "./peer.ts";
import type { Other, Plane, PlaneOptions, Shown } from "./plane.ts";
import { encodingOf, Steps } from "./quality.ts";
import { close, encoded, replaced, type Seat, send, sources, state, tell, withdraw } from "./seat.ts";

/** The first picture is no higher: it is there sooner, and by the next one they have said how large they show it. */
const firstPx = 360;
/** Both ends are ours, so one way carries everything: half as many candidates to gather, to send and to try. */
const bundlePolicy = "max-bundle";
/** How often the ways are measured. */
const lookMs = 1000;
/** How often it is seen whether anything comes. */
const harkMs = 125;
/** The server waits 10 s for a dropped socket; whoever it does not name by then, and who is not seen either, has left. */
const absentMs = 12_000;
/** A connection that carries nothing for so long is given up: descriptions that do not fit nobody mends. Longer than seeking all
 * ways takes, and longer each time, because there may be no way at all. */
const darkMostMs = 20_000;
/** A few people's offers with their candidates. */
const earlyMost = 200;

export class Mesh implements Plane {
  readonly #seats = new Map<string, Seat>();
  /** What came from people this side has not been told of yet: another's first word can overtake the welcome. */
  #early: { from: string; signal: Signal }[] = [];
  /** What everybody is sent: the camera's stream, and the screen's while it is shared. */
  readonly #local = new Set<MediaStream>();
  /** What one of them is sent and the others are not. */
  #whisper: { to: string; stream: MediaStream } | null = null;
  #configuration: RTCConfiguration = {};
  #myId = "";
  /** By participant and instance: the round that comes next. */
  readonly #rounds = new Map<string, number>();
  #looking: ReturnType<typeof setInterval> | null = null;
  #harking: ReturnType<typeof setInterval> | null = null;
  readonly #lull = new Lull();
  /** Where connections are made. */
  #where: Where = globalThis;

  constructor(readonly options: PlaneOptions) {}

  list(): Other[] {
    return [...this.#seats.values()].map(({ participant, streams, connection, link, givenUp, whisper: id }) => {
      const screen = (participant.screen !== null && streams.get(participant.screen)) || null;
      const whisper = (id !== null && streams.get(id)) || null;
      const stream = [...streams.values()].find((one) => one !== screen && one !== whisper) ?? null;
      const now = state(connection);
      const bars = now === "connected" ? link && barsOf(link) : 0;
      return { participant, stream, screen, whisper, connection: now, givenUp, bars };
    });
  }

  levels(): Map<string, number> {
    return new Map([...this.#seats].map(([id, seat]) => [id, Math.max(0, ...sources(seat).map(({ audioLevel = 0 }) => audioLevel))]));
  }

  links(): Map<string, Way> {
    return new Map(
      [...this.#seats].flatMap(([id, { link, connection, round }]) =>
        link && state(connection) === "connected" ? [[`${id} ${round}`, link]] : [],
      ),
    );
  }

  /** Whose voice comes in and may be recorded: by their camera's stream, not by the screen's. */
  ears(): Ear[] {
    return [...this.#seats.values()].flatMap(({ participant, connection, streams, whisper }) => {
      if (!participant.recorded) return [];
      const voices = [...streams.values()]
        .filter((stream) => stream.id !== participant.screen && stream.id !== whisper)
        .flatMap((stream) => stream.getAudioTracks());
      const receiver = connection.getReceivers().find(({ track }) => voices.some(({ id }) => id === track.id));
      return receiver ? [{ of: participant.id, receiver, connection }] : [];
    });
  }

  /** After every welcome: who is here by the server's word. */
  meet(myId: string, participants: Participant[], configuration: RTCConfiguration): void {
    const again = this.#myId !== "";
    this.#myId = myId;
    this.#configuration = { ...configuration, bundlePolicy };
    this.#looking ??= setInterval(() => void this.#look(), lookMs);
    this.#harking ??= setInterval(() => this.#hark(), harkMs);
    for (const seat of this.#seats.values()) {
      seat.connection.setConfiguration(this.#configuration);
      if (!participants.some((participant) => participant.id === seat.participant.id)) this.#miss(seat);
    }
    for (const participant of participants) this.enter(participant);
    if (again) void this.#move();
  }

  /** Fresh credentials, for connections made from now on and for ways sought anew. */
  configure(iceServers: RTCIceServer[]): void {
    this.#configuration = { ...this.#configuration, iceServers };
    for (const { connection } of this.#seats.values()) connection.setConfiguration(this.#configuration);
  }

  /** Somebody came, or came back. */
  enter(participant: Participant): void {
    if (participant.id === this.#myId) return;
    const seat = this.#seats.get(participant.id);
    if (!seat || seat.participant.instance !== participant.instance) {
      const early = this.#early;
      this.leave(participant.id);
      this.#seat(participant);
      for (const { from, signal } of early) if (from === participant.id) this.signal(from, signal);
    } else {
      seat.participant = participant;
      if (seat.absent !== null) clearTimeout(seat.absent);
      seat.absent = null;
      if (!this.#mend(seat)) {
        seat.peer.resume();
        void seat.path.check();
      }
    }
    this.options.onChange();
  }

  change(participant: Participant): void {
    const seat = this.#seats.get(participant.id);
    if (seat?.participant.instance === participant.instance) {
      seat.participant = participant;
      this.options.onChange();
    } else this.enter(participant);
  }

  leave(id: string): void {
    this.#early = this.#early.filter(({ from }) => from !== id);
    const seat = this.#seats.get(id);
    if (!seat) return;
    if (this.#whisper?.to === id) this.#whisper = null;
    this.#seats.delete(id);
    close(seat);
    this.options.onChange();
  }

  signal(from: string, signal: Signal): void {
    const seat = this.#seats.get(from);
    const { round = 0 } = signal;
    if (!seat) this.#early = [...this.#early, { from, signal }].slice(-earlyMost);
    else if (round === seat.round) void (seat.peer.crossed(signal) ? this.#anew(seat, round) : seat).peer.receive(signal);
    else if (round > seat.round) void this.#anew(seat, round).peer.receive(signal);
    // What is about an earlier round comes too late, and whoever made an offer there has not heard of this one.
    else if (signal.description?.type === "offer") seat.peer.speak();
  }

  share(stream: MediaStream): void {
    this.#local.add(stream);
    for (const seat of this.#seats.values()) send(seat.connection, stream);
  }

  /** Without a word to the other side: the new track goes where the old one went. */
  replace(old: MediaStreamTrack, fresh: MediaStreamTrack): void {
    for (const { connection } of this.#seats.values())
      for (const sender of connection.getSenders()) if (sender.track === old) void replaced(sender, fresh);
  }

  /** A first camera or microphone in a stream that is shared already: asks for a new negotiation by itself. */
  add(track: MediaStreamTrack, stream: MediaStream): void {
    for (const { connection } of this.#seats.values()) connection.addTrack(track, stream);
  }

  unshare(stream: MediaStream): void {
    this.#local.delete(stream);
    for (const { connection } of this.#seats.values()) withdraw(connection, stream);
  }

  whisper(to: string, stream: MediaStream | null): void {
    const before = this.#whisper;
    if (before?.to === to && before.stream === stream) return;
    const seat = before && this.#seats.get(before.to);
    if (seat) withdraw(seat.connection, before.stream);
    const chosen = this.#seats.get(to);
    this.#whisper = chosen && stream ? { to, stream } : null;
    if (chosen && stream) send(chosen.connection, stream);
  }

  whispered(from: string, stream: string | null): void {
    const seat = this.#seats.get(from);
    if (!seat) return;
    seat.whisper = stream;
    this.options.onChange();
  }

  show(id: string, shown: Shown): void {
    const seat = this.#seats.get(id);
    if (!seat || (seat.shown?.camera === shown.camera && seat.shown.screen === shown.screen)) return;
    seat.shown = shown;
    tell(seat);
  }

  clear(): void {
    for (const timer of [this.#looking, this.#harking]) if (timer !== null) clearInterval(timer);
    this.#looking = null;
    this.#harking = null;
    for (const seat of this.#seats.values()) close(seat);
    this.#seats.clear();
    this.#whisper = null;
    this.#early = [];
  }

  /** A fresh connection in the place of one that does not carry; what is shown and whispered stays. */
  #anew(before: Seat, round: number): Seat {
    const { participant, shown, whisper } = before;
    close(before);
    const seat = this.#seat(participant, round);
    // Both ends have waited about as long for it, whichever gives up first.
    seat.givenUp = before.givenUp + Number(before.darkMs !== null && performance.now() - before.darkMs > darkMostMs / 2);
    seat.shown = shown;
    seat.whisper = whisper;
    if (this.#whisper?.to === participant.id) send(seat.connection, this.#whisper.stream);
    this.options.onChange();
    return seat;
  }

  #seat(participant: Participant, known?: number): Seat {
    const { id, instance } = participant;
    const page = `${id} ${instance}`;
    const round = known ?? this.#rounds.get(page) ?? 0;
    this.#rounds.set(page, round + 1);
    const where = this.#where;
    const connection = new where.RTCPeerConnection(this.#configuration);
    const streams = new Map<string, MediaStream>();
    const { onChange, send: say } = this.options;
    connection.ontrack = ({ streams: [stream] }) => {
      if (!stream) return;
      streams.set(stream.id, stream);
      stream.onremovetrack = () => {
        if (stream.getTracks().length === 0) streams.delete(stream.id);
        onChange();
      };
      onChange();
    };
    connection.onconnectionstatechange = () => {
      onChange();
      seat.worked ||= connection.connectionState === "connected";
      if (this.options.joined()) this.#mend(seat);
    };
    // Of two ids one is always the smaller, and both sides see the same.
    const polite = this.#myId < id;
    const peer = new Peer({ connection, polite, send: (signal) => say(id, { ...signal, round }) });
    const path = new Path({ connection, polite, onSilent: this.options.onSilent });
    // Two people without camera and microphone connect as well; and a page with an open channel is not frozen in the background.
    const channel = connection.createDataChannel("presence", { negotiated: true, id: 0 });
    for (const stream of this.#local) send(connection, stream);
    const own = {
      reader: new LinkReader(),
      link: null,
      steps: new Steps(),
      shown: null,
      wanted: null,
      whisper: null,
      darkMs: null,
      givenUp: 0,
      worked: false,
    };
    const seat: Seat = { participant, peer, path, connection, where, channel, streams, absent: null, round, ...own };
    this.#seats.set(id, seat);
    void this.#fit(seat);
    channel.onopen = () => tell(seat);
    channel.onmessage = ({ data }) => this.#hear(seat, data);
    return seat;
  }

  /** The other end is a browser like this one, or says nothing that is understood: then everything is sent whole. */
  #hear(seat: Seat, data: unknown): void {
    try {
      const { camera, screen } = parseJson(PeerWord, String(data));
      seat.wanted = { camera, screen };
      void this.#fit(seat);
    } catch (error) {
      console.warn("call: their word", error);
    }
  }

  async #look(): Promise<void> {
    for (const seat of this.#seats.values()) {
      if (state(seat.connection) !== "connected") {
        this.#doubt(seat);
        continue;
      }
      seat.darkMs = null;
      const link = seat.reader.read((await seat.connection.getStats()).values(), performance.now());
      const news = !seat.link || barsOf(link) !== barsOf(seat.link);
      seat.steps.look(link);
      seat.link = { ...link, askedBps: await this.#fit(seat) };
      if (news) this.options.onChange();
    }
    this.options.onLinks();
  }

  /** The socket was away. Connections of another network that carry nothing are given up: Chromium holds to a pair of addresses for 2.5 s after
   * anything came over it, whatever else carries. */
  async #move(): Promise<void> {
    this.#where = await this.options.where();
    for (const seat of this.#seats.values()) void this.#follow(seat);
  }

  async #follow(seat: Seat): Promise<void> {
    if (seat.where === this.#where || !(await seat.path.silent())) return;
    // Unless somebody has begun another meanwhile, or they left.
    if (this.#seats.get(seat.participant.id) === seat) this.#anew(seat, seat.round + 1).peer.speak();
  }

  #hark(): void {
    const played = [...this.#seats.values()].flatMap(sources).map(({ timestamp }) => timestamp);
    if (this.#lull.look(played, performance.now())) this.options.onSilent();
  }

  /** Firefox's DTLS fails for good when something was to be sent while there was no network at all. One that never worked waits its time, see `#doubt`. */
  #mend(seat: Seat): boolean {
    const fails = seat.worked && seat.connection.sctp?.transport.state === "failed";
    if (fails) this.#anew(seat, seat.round + 1).peer.speak();
    return fails;
  }

  #doubt(seat: Seat): void {
    const nowMs = performance.now();
    seat.darkMs = this.options.joined() && seat.absent === null ? (seat.darkMs ?? nowMs) : null;
    if (seat.darkMs !== null && nowMs - seat.darkMs > darkMostMs * (seat.givenUp + 1)) this.#anew(seat, seat.round + 1);
  }

  /** Answers what its pictures would take if the way took everything, bits per second. */
  async #fit({ connection, wanted, steps }: Seat): Promise<number> {
    const screens = new Set<MediaStreamTrack>([...this.#local].slice(1).flatMap((stream) => stream.getVideoTracks()));
    const unsaid = state(connection) === "connected" ? null : firstPx;
    let askedBps = 0;
    for (const sender of connection.getSenders()) {
      const { track } = sender;
      if (track?.kind !== "video") continue;
      const { width = 1280, height = 720 } = track.getSettings();
      const shown = wanted ? (screens.has(track) ? wanted.screen : wanted.camera) : unsaid;
      const encoding = (fewer: number) => encodingOf({ width, height }, shown, fewer);
      if (track.enabled) askedBps += encoding(0).maxBitrate;
      await encoded(sender, encoding(steps.steps));
    }
    return askedBps;
  }

  #miss(seat: Seat): void {
    seat.absent ??= setTimeout(() => {
      seat.absent = null;
      if (state(seat.connection) === "connected") this.#miss(seat);
      else this.leave(seat.participant.id);
    }, absentMs);
  }
}
