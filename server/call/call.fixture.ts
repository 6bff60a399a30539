// For tests: the real signalling and recordings over a catalog of its own, with sockets that are not.
import { EventEmitter } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { WebSocket } from "ws";
import { type CallDown, type CallUp, callVersion } from "../../protocol/call.ts";
import { Catalog } from "../store/catalog.ts";
import { Keys } from "../store/keys.ts";
import { Recordings } from "./recordings.ts";
import { Signalling } from "./signalling.ts";

/** Nothing that is waited for here takes a tenth of it, ms. */
const patienceMs = 20_000;

export class Socket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  closed: number | null = null;
  readonly heard: CallDown[] = [];
  send(text: string): void {
    this.heard.push(JSON.parse(text) as CallDown);
  }
  readonly ping = () => undefined;
  readonly terminate = () => undefined;
  isPaused = false;
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  close(code: number): void {
    this.readyState = 3;
    this.closed = code;
    this.emit("close");
  }
  say(message: CallUp): void {
    this.emit("message", Buffer.from(JSON.stringify(message)), false);
  }
  last<T extends CallDown["type"]>(type: T): Extract<CallDown, { type: T }> | undefined {
    return this.heard.findLast((message): message is Extract<CallDown, { type: T }> => message.type === type);
  }
}

export type Role = "host" | "guest" | "observer";

export interface Here {
  socket: Socket;
  id: string;
  secret: string;
}

/** `countdownMs`: the count before a recording. `folder`: of a rig before this one, whose server was restarted. */
export async function callRig(countdownMs = 0, folder = mkdtempSync(join(tmpdir(), "doubletake-call-"))) {
  const catalog = await Catalog.open(join(folder, "catalog.sqlite"));
  const keys = new Keys(folder);
  const log = pino({ level: "silent" });
  const signalling: Signalling = new Signalling({
    catalog,
    keys,
    log,
    graceMs: 1000,
    iceServers: () => [],
    relayOnly: false,
    countdownMs,
    iceFreshMs: 60_000,
    recordings: () => recordings,
    onHeard: () => undefined,
    tracks: async () => [],
  });
  const recordings: Recordings = new Recordings({
    catalog,
    log,
    graceMs: 1000,
    present: () => true,
    occupied: () => true,
    uploading: () => false,
    quietMs: () => 0,
    reachMs: () => 0,
    onStarting: (recording) => signalling.plays.keep(recording),
    onStarted: (recording) => signalling.started(recording),
    onStopped: (recording) => signalling.stopped(recording),
    onPaused: (recording) => signalling.paused(recording),
    onAdvance: () => undefined,
  });

  /** Waits for what the catalog's disk has to do first, and for a room that is kept for a moment after everybody has left. */
  async function until<T>(what: () => T | undefined | null | false): Promise<T> {
    const untilMs = performance.now() + patienceMs;
    while (performance.now() < untilMs) {
      const found = what();
      if (found) return found;
      await new Promise((resolve) => setImmediate(resolve));
      await catalog.check();
    }
    throw new Error("it never came to be");
  }

  async function enter(
    roomId: string,
    role: Role,
    as?: Here,
    name: string = role,
    instance = "instance-1234",
    others: readonly Here[] = [],
  ): Promise<Here & { welcomed: boolean }> {
    const socket = new Socket();
    signalling.accept(socket as unknown as WebSocket, "localhost");
    socket.say({
      type: "join",
      version: callVersion,
      room: roomId,
      key: keys.room(roomId, role, 1),
      name,
      instance,
      ...(as ? { as: { id: as.id, secret: as.secret } } : {}),
      others: others.map(({ id, secret }) => ({ id, secret })),
      consent: true,
      microphone: true,
      camera: true,
    });
    await until(() => socket.last("welcome") ?? socket.closed);
    const me = socket.last("welcome")?.me;
    return { socket, id: me?.id ?? "", secret: me?.secret ?? "", welcomed: me !== undefined };
  }

  const close = async () => {
    await signalling.close();
    await catalog.close();
  };
  return { folder, catalog, keys, log, signalling, recordings, until, enter, close };
}
