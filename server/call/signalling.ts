// The signalling socket: join, then messages among the people of one room.
// Promise: an unknown or malformed message closes its own socket with a code and a sentence; the room lives on.
import type { Logger } from "pino";
import type { WebSocket } from "ws";
import {
  type ActiveRecording,
  type CallDown,
  type CallUp,
  callVersion,
  type IceServer,
  type Participant,
  parseCallUp,
} from "../../protocol/call.ts";
import { closeCode, closeCodeOf, ProtocolError, UserError } from "../../protocol/errors.ts";
import { type Catalog, makeId, type RecordingRow } from "../store/catalog.ts";
import { type Keys, same } from "../store/keys.ts";
import { epoch, serverMs } from "./clock.ts";
import { elapsedMs, type Recordings } from "./recordings.ts";
import { type Member, Room } from "./room.ts";
import { Safety, type SafetyOptions } from "./safety.ts";

export interface SignallingOptions {
  catalog: Catalog;
  keys: Keys;
  log: Logger;
  graceMs: number;
  iceServers: (participantId: string, host: string) => IceServer[];
  /** Browsers use relayed candidates only. */
  relayOnly: boolean;
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
/** How long a dropped socket may stay away before the others see its person leave, ms: a Wi-Fi change or a restart of ours is shorter. */
const awayMaxMs = 10_000;

export class Signalling {
  readonly #options: SignallingOptions;
  readonly #rooms = new Map<string, Room>();
  readonly #sockets = new Set<WebSocket>();
  readonly #timer: NodeJS.Timeout;
  readonly #safety: Safety;
  #telling: Promise<void> | null = null;

  constructor(options: SignallingOptions) {
    this.#options = options;
    this.#safety = new Safety({ tracks: options.tracks, send: (roomId, message) => this.#rooms.get(roomId)?.broadcast(message) });
    this.#timer = setInterval(() => {
      this.#dropTheGone();
      this.#telling ??= this.#tell();
    }, 1000);
  }

  /** A fresh socket whose origin was checked. `host`: the name under which the browser reached us. */
  accept(ws: WebSocket, host: string): void {
    this.#sockets.add(ws);
    let seat: { room: Room; member: Member } | null = null;
    let turn: Promise<void> = Promise.resolve();
    let heardAt = performance.now();
    const late = setTimeout(() => this.#refuse(ws, new ProtocolError("unexpected", "no join")), joinWithinMs);
    const beat = setInterval(() => (performance.now() - heardAt > silentMs ? ws.terminate() : ws.ping()), silentMs / 3);
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
      turn = turn
        .then(async () => {
          if (ws.readyState !== ws.OPEN) return;
          if (message.type === "join") seat = await this.#join(ws, message, host, seat);
          else if (seat) await this.#handle(ws, seat, message);
          else throw new ProtocolError("unexpected", "a message before join");
        })
        .catch((error) => this.#refuse(ws, error));
    });
    ws.on("close", () => {
      clearTimeout(late);
      clearInterval(beat);
      this.#sockets.delete(ws);
      turn = turn.finally(() => seat?.room.away(seat.member, serverMs()));
    });
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
      await this.#safety.tick();
    } catch (error) {
      this.#options.log.error({ err: error }, "nobody could be told how safe the recording is");
    } finally {
      this.#telling = null;
    }
  }

  started(recording: RecordingRow): void {
    if (this.#rooms.has(recording.roomId)) this.#safety.watch(recording.roomId, recording.id);
    this.#rooms.get(recording.roomId)?.broadcast({ type: "recording", recording: active(recording) });
  }

  stopped(recording: RecordingRow): void {
    this.#rooms.get(recording.roomId)?.broadcast({ type: "stopped", recording: recording.id });
  }

  /** Tells every tab to come back in a moment. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
    for (const ws of this.#sockets) ws.close(closeCode.restarting, "The server restarts. Reconnecting.");
  }

  async #join(ws: WebSocket, message: CallUp & { type: "join" }, host: string, seat: unknown): Promise<{ room: Room; member: Member }> {
    const { catalog, keys, log, iceServers, relayOnly, recordings } = this.#options;
    if (seat) throw new ProtocolError("unexpected", "a second join");
    if (message.version !== callVersion) throw new ProtocolError("wrong-version", `version=${message.version} expected=${callVersion}`);
    const row = await catalog.room(message.room);
    const standing = keys.standing(message.key, message.room, row?.generation ?? 0);
    if (!row || !standing) throw new UserError("not-found", "This link does not open a room. Ask for a new one.");
    const room = this.#rooms.get(row.id) ?? new Room(row.id, row.name);
    const id = await this.#identify(message, room);
    if (!room.member(id) && room.full) throw new UserError("room-full", "This room is full.");
    const role = standing === "admin" ? "host" : standing;
    const recorded = message.consent && role !== "observer";
    const before = room.member(id)?.participant;
    const participant: Participant = {
      id,
      name: message.name,
      role,
      instance: message.instance,
      recorded,
      microphone: message.microphone,
      camera: message.camera,
      screen: before?.instance === message.instance ? before.screen : null,
    };
    await catalog.saveParticipant({ id, roomId: row.id, name: message.name, role, consentedAt: recorded ? Date.now() : null });
    this.#rooms.set(row.id, room);
    const member: Member = {
      participant,
      send: (down) => send(ws, down),
      awayAt: 0,
      replace: () => ws.close(closeCode.conflict, "You joined from another tab, so this one left."),
    };
    const running = await recordings().running(row.id);
    // Before the others hear of it: their first signal must not overtake the welcome.
    send(ws, {
      type: "welcome",
      me: { id, secret: keys.participant(id), role },
      room: { id: row.id, name: row.name },
      participants: [...room.participants.filter((other) => other.id !== id), participant],
      recording: running ? active(running) : null,
      iceServers: iceServers(id, host),
      relayOnly,
    });
    room.enter(member);
    // Record may have been pressed in between.
    const now = await recordings().running(row.id);
    if (now && now.id !== running?.id) send(ws, { type: "recording", recording: active(now) });
    if (now) this.#safety.watch(row.id, now.id);
    const told = this.#safety.last(row.id);
    if (told) send(ws, told);
    log.info({ room: row.id, participant: id, role, recorded }, "participant joined");
    return { room, member };
  }

  /** One person stays one participant over reloads, when they show their secret. */
  async #identify(message: CallUp & { type: "join" }, room: Room): Promise<string> {
    const { as } = message;
    if (!as || !same(as.secret, this.#options.keys.participant(as.id))) return makeId("par");
    const known = room.member(as.id) ?? (await this.#options.catalog.participant(as.id));
    if (known && "roomId" in known && known.roomId !== room.id) return makeId("par");
    return as.id;
  }

  async #handle(ws: WebSocket, seat: { room: Room; member: Member }, message: CallUp): Promise<void> {
    const { room, member } = seat;
    const me = member.participant;
    switch (message.type) {
      case "signal":
        room.member(message.to)?.send?.({ type: "signal", from: me.id, signal: message.signal });
        return;
      case "media":
        room.change(me.id, { microphone: message.microphone, camera: message.camera, screen: message.screen });
        return;
      case "kept":
        this.#safety.kept(room.id, me, message);
        return;
      case "heard":
        if (me.recorded) this.#options.onHeard(room.id, me.id, message);
        return;
      case "consent":
        await this.#consent(room, me, message.given);
        return;
      case "leave":
        room.leave(me.id);
        this.#options.log.info({ room: room.id, participant: me.id }, "participant left");
        ws.close(1000, "left");
        if (!this.occupied(room.id)) await this.#stopRunning(room.id);
        return;
      default:
        await this.#asked(ws, room, me, message);
    }
  }

  /** What was recorded before stays; their browser ends the track. */
  async #consent(room: Room, me: Participant, given: boolean): Promise<void> {
    const recorded = given && me.role !== "observer";
    const { id, name, role } = me;
    await this.#options.catalog.saveParticipant({ id, roomId: room.id, name, role, consentedAt: recorded ? Date.now() : null });
    room.change(id, { recorded });
    this.#options.log.info({ room: room.id, participant: id, recorded }, "consent changed");
  }

  /** Requests that may be refused without the socket being at fault. */
  async #asked(ws: WebSocket, room: Room, me: Participant, message: CallUp): Promise<void> {
    const recordings = this.#options.recordings();
    try {
      if (message.type === "record" || message.type === "stop") {
        if (me.role !== "host") throw new UserError("not-allowed", "Only the host can start and stop the recording.");
        if (message.type === "record") await recordings.start(room.id);
        else await this.#stopRunning(room.id);
      } else if (message.type === "track") {
        if (!me.recorded) throw new UserError("not-allowed", "You joined without being recorded.");
        const running = await recordings.running(room.id);
        if (running?.id !== message.recording) throw new UserError("not-recording", "This recording is over.");
        const track = await recordings.ticket(message.recording, me.id, message.source);
        send(ws, {
          type: "track",
          recording: message.recording,
          source: message.source,
          track: track.id,
          token: this.#options.keys.track(track.id),
        });
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      send(ws, { type: "refused", code: error.code, message: error.message });
    }
  }

  async #stopRunning(roomId: string): Promise<void> {
    const running = await this.#options.recordings().running(roomId);
    if (running) await this.#options.recordings().stop(running.id);
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
      if (room.members.length > 0) continue;
      this.#rooms.delete(room.id);
      this.#safety.forget(room.id);
    }
  }

  #refuse(ws: WebSocket, error: unknown): void {
    if (ws.readyState !== ws.OPEN) return;
    const known = error instanceof UserError || error instanceof ProtocolError;
    this.#options.log[known ? "warn" : "error"]({ err: error }, "signalling socket refused");
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

function active(recording: RecordingRow): ActiveRecording {
  return { id: recording.id, serverMs: recording.zeroMs, elapsedMs: elapsedMs(recording) };
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
