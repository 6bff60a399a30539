// The signalling socket: join, then messages among the people of one room. What each message does stands in `verbs/`.
// Promise: an unknown or malformed message closes its own socket with a code and a sentence; the room lives on.
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import { type CallDown, type CallUp, type IceServer, parseCallUp } from "../../protocol/call.ts";
import { closeCode, closeCodeOf, ProtocolError, UserError } from "../../protocol/errors.ts";
import type { Catalog, RecordingRow } from "../store/catalog.ts";
import type { Keys } from "../store/keys.ts";
import { worded } from "../store/outofroom.ts";
import { epoch, serverMs } from "./clock.ts";
import { Countdowns } from "./countdown.ts";
import { activeOf, join, type Seat } from "./join.ts";
import { Ongoing } from "./ongoing.ts";
import { Plays } from "./plays.ts";
import type { Recordings } from "./recordings.ts";
import type { Room } from "./room.ts";
import { Safety, type SafetyOptions } from "./safety.ts";
import { type Desk, may, type Verb } from "./verb.ts";
import { type Spoken, verbs } from "./verbs.ts";

export interface SignallingOptions {
  catalog: Catalog;
  keys: Keys;
  log: Logger;
  graceMs: number;
  iceServers: (participantId: string, host: string) => IceServer[];
  /** How often whoever is in a call is told fresh ones; null: they do not expire. */
  iceFreshMs: number | null;
  /** Browsers use relayed candidates only. */
  relayOnly: boolean;
  /** From pressing Record to the recording's beginning, ms. */
  countdownMs: number;
  /** Set right after both exist: recordings ask signalling who is present. */
  recordings: () => Recordings;
  /** A recorded participant says how somebody else sounded. */
  onHeard: (roomId: string, participantId: string, message: CallUp & { type: "heard" }) => void;
  tracks: SafetyOptions["tracks"];
}

/** From connecting to `join`, ms. */
const joinWithinMs = 10_000;
/** A socket that answers no ping for this long is a black hole, ms: the page gives up on it after ten seconds. */
const silentMs = 15_000;
/** So many messages of one socket wait for their turn, and no more are read: TCP passes that on to whoever sends faster than a disk takes. */
const backlogMost = 200;
/** How long a dropped socket may stay away before the others see its person leave, ms: a Wi-Fi change or a restart of ours is shorter. */
const awayMaxMs = 10_000;

export class Signalling {
  readonly #options: SignallingOptions;
  readonly plays: Plays;
  readonly ongoing: Ongoing;
  readonly #rooms = new Map<string, Room>();
  readonly #sockets = new Set<WebSocket>();
  readonly #timer: NodeJS.Timeout;
  readonly #desk: Desk;
  #telling: Promise<void> | null = null;

  constructor(options: SignallingOptions) {
    this.#options = options;
    const rooms = this.#rooms;
    this.plays = new Plays({ catalog: options.catalog, log: options.log, room: (roomId) => rooms.get(roomId) });
    this.ongoing = new Ongoing({ calls: options.catalog.calls, log: options.log, nowMs: () => Date.now() });
    this.#desk = {
      options,
      safety: new Safety({ tracks: options.tracks, send: (roomId, message) => rooms.get(roomId)?.broadcast(message) }),
      countdowns: new Countdowns(),
      plays: this.plays,
      ongoing: this.ongoing,
      stop: (roomId) => this.#stop(roomId),
      occupied: (roomId) => this.occupied(roomId),
      forget: (room) => this.#forget(room),
    };
    this.#timer = setInterval(() => {
      this.#dropTheGone();
      this.#telling ??= this.#tell();
    }, 1000);
  }

  /** A fresh socket whose origin was checked. `host`: the name under which the browser reached us. */
  accept(ws: WebSocket, host: string): void {
    this.#sockets.add(ws);
    let seat: Seat | null = null;
    let turn: Promise<void> = Promise.resolve();
    let heardAt = performance.now();
    let waiting = 0;
    const late = setTimeout(() => this.#refuse(ws, new ProtocolError("unexpected", "no join")), joinWithinMs);
    const beat = setInterval(() => {
      // While we do not read, its silence is ours.
      if (ws.isPaused) heard();
      else if (performance.now() - heardAt > silentMs) return ws.terminate();
      ws.ping();
    }, silentMs / 3);
    const heard = () => {
      heardAt = performance.now();
    };
    ws.on("pong", heard);
    ws.on("error", (error) => this.#options.log.debug({ error: error.message }, "signalling socket error"));
    ws.on("message", (data: Buffer, binary: boolean) => {
      heard();
      clearTimeout(late);
      // Pings are answered at once: a queue would make the path look longer than it is.
      const message = attempt(() => parse(data, binary));
      if (message instanceof Error) return this.#refuse(ws, message);
      if (message.type === "ping" && seat) return send(ws, { type: "pong", sentMs: message.sentMs, serverMs: serverMs(), epoch });
      waiting += 1;
      if (waiting > backlogMost) ws.pause();
      turn = turn
        .then(async () => {
          if (ws.readyState !== ws.OPEN) return;
          if (message.type === "join") {
            if (seat) throw new ProtocolError("unexpected", "a second join");
            const entrance = { desk: this.#desk, rooms: this.#rooms, ws, host, send: (down: CallDown) => send(ws, down) };
            seat = await join(entrance, message);
          } else if (seat && message.type !== "ping") await this.#obey(ws, seat, message);
          else throw new ProtocolError("unexpected", "a message before join");
        })
        .catch((error) => this.#refuse(ws, error))
        .finally(() => {
          waiting -= 1;
          if (waiting <= backlogMost && ws.isPaused) ws.resume();
        });
    });
    const fresh = this.#freshen(ws, () => seat?.member.participant.id ?? null, host);
    ws.on("close", () => {
      if (fresh) clearInterval(fresh);
      clearTimeout(late);
      clearInterval(beat);
      this.#sockets.delete(ws);
      turn = turn.finally(() => seat?.room.away(seat.member, serverMs()));
    });
  }

  /** Credentials expire while a call lasts. */
  #freshen(ws: WebSocket, participant: () => string | null, host: string): NodeJS.Timeout | null {
    const { iceFreshMs, iceServers } = this.#options;
    if (iceFreshMs === null) return null;
    return setInterval(() => {
      const id = participant();
      if (id) send(ws, { type: "ice", iceServers: iceServers(id, host) });
    }, iceFreshMs);
  }

  room(roomId: string): Room | undefined {
    return this.#rooms.get(roomId);
  }

  /** With a socket, not only expected back. */
  present(roomId: string, participantId: string): boolean {
    return (this.#rooms.get(roomId)?.member(participantId)?.send ?? null) !== null;
  }

  /** Somebody who could be recorded is there; observers alone keep no recording going. */
  occupied(roomId: string): boolean {
    return this.#rooms.get(roomId)?.participants.some((participant) => participant.role !== "observer") ?? false;
  }

  async #tell(): Promise<void> {
    try {
      await this.ongoing.note([...this.#rooms.keys()]);
      await this.#desk.safety.tick();
    } catch (error) {
      this.#options.log.error({ err: error }, "nobody could be told how safe the recording is");
    } finally {
      this.#telling = null;
    }
  }

  started(recording: RecordingRow): void {
    const room = this.#rooms.get(recording.roomId);
    if (!room) return;
    // Record by the API does not wait for a count that goes on.
    this.#desk.countdowns.cancel(room.id);
    this.#desk.safety.watch(room.id, recording.id);
    this.#announce(recording);
  }

  /** Paused or resumed. */
  paused(recording: RecordingRow): void {
    this.#announce(recording);
  }

  stopped(recording: RecordingRow): void {
    this.#rooms.get(recording.roomId)?.broadcast({ type: "stopped", recording: recording.id });
  }

  /** Tells every tab to come back in a moment. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#desk.countdowns.close();
    await this.#telling;
    for (const ws of this.#sockets) ws.close(closeCode.restarting, "The server restarts. Reconnecting.");
  }

  /** What was decided is told as it stands in the catalog. */
  #announce(recording: RecordingRow): void {
    activeOf(this.#desk, recording)
      .then((active) => this.#rooms.get(recording.roomId)?.broadcast({ type: "recording", recording: active }))
      .catch((error) => this.#options.log.error({ err: error, recording: recording.id }, "the room could not be told of its recording"));
  }

  async #obey(ws: WebSocket, { room, member }: Seat, message: Extract<CallUp, { type: Spoken }>): Promise<void> {
    // A message of somebody who was removed meanwhile.
    if (room.member(member.participant.id) !== member) return;
    const me = member.participant;
    const verb = verbs[message.type] as Verb<CallUp>;
    const answer = (down: CallDown) => send(ws, down);
    const close = (code: number, reason: string) => ws.close(code, reason);
    try {
      if (may(verb.who, me, room)) await verb.handle({ desk: this.#desk, room, member, me, message, answer, close });
      else if (verb.refusal !== null) throw new UserError("not-allowed", verb.refusal);
    } catch (failure) {
      // A full disk is no reason to send anybody out of a call.
      const error = worded(failure);
      if (!(error instanceof UserError)) throw failure;
      if (error !== failure) this.#options.log.error({ err: failure, room: room.id, message: message.type }, "could not be kept");
      const about = "id" in message && message.id ? { about: message.id } : {};
      answer({ type: "refused", code: error.code, message: error.message, ...about });
    }
  }

  async #stop(roomId: string): Promise<void> {
    if (this.#desk.countdowns.cancel(roomId)) this.#rooms.get(roomId)?.broadcast({ type: "countdown", countdownMs: null });
    const running = await this.#options.recordings().running(roomId);
    if (running) await this.#options.recordings().stop(running.id);
  }

  #forget(room: Room): void {
    this.#desk.countdowns.cancel(room.id);
    this.#desk.safety.forget(room.id);
    if (this.#rooms.get(room.id) === room) this.#rooms.delete(room.id);
  }

  /** Sockets that stayed away longer than the grace have left; rooms without anybody are forgotten. */
  #dropTheGone(): void {
    const now = serverMs();
    for (const room of this.#rooms.values()) {
      for (const member of room.members) {
        if (member.send || now - member.awayAt < Math.min(this.#options.graceMs, awayMaxMs)) continue;
        this.#options.log.info({ room: room.id, participant: member.participant.id }, "participant vanished");
        room.leave(member.participant.id);
      }
      if (room.members.length === 0 && room.entering === 0) this.#forget(room);
    }
  }

  #refuse(ws: WebSocket, failure: unknown): void {
    if (ws.readyState !== ws.OPEN) return;
    const error = worded(failure);
    const known = error instanceof UserError || error instanceof ProtocolError;
    this.#options.log[known ? "warn" : "error"]({ err: failure }, "signalling socket refused");
    const message =
      error instanceof UserError
        ? error.message
        : known
          ? error.code === "wrong-version"
            ? "This page and the server are of different versions. Reload the page to go on; what was recorded is kept."
            : "This page and the server do not understand each other. Reload the page."
          : "Something went wrong on the server.";
    send(ws, { type: "refused", code: known ? error.code : "internal", message });
    ws.close(closeCodeOf(error), message);
  }
}

function send(ws: WebSocket, message: CallDown): void {
  if (ws.readyState === ws.OPEN) ws.send(JSON.stringify(message));
}

function parse(data: Buffer, binary: boolean): CallUp {
  if (binary) throw new ProtocolError("malformed", "a binary message");
  return parseCallUp(data.toString("utf8"));
}

function attempt<T>(make: () => T): T | Error {
  try {
    return make();
  } catch (error) {
    return error as Error;
  }
}
