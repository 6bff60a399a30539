// The upload door on loopback, with the real modules behind it, and a client that says whatever a test wants it to.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type Logger, pino } from "pino";
import { WebSocket, WebSocketServer } from "ws";
import {
  encodeFrame,
  frameHeaderBytes,
  frameMaxBytes,
  parseUploadDown,
  type UploadDown,
  type UploadUp,
  uploadVersion,
} from "../../protocol/upload.ts";
import type { TrackRow } from "../store/catalog.ts";
import type { Files } from "../store/files.ts";
import { Keys } from "../store/keys.ts";
import { facts, type Rig, sha256 } from "./rig.fixture.ts";
import type { Inspector } from "./segment.ts";
import { UploadSocket } from "./socket.ts";
import type { Spool } from "./spool.ts";

export class Door {
  readonly lines: Record<string, unknown>[] = [];
  readonly sockets = new Set<UploadSocket>();

  private constructor(
    readonly keys: Keys,
    readonly spool: Spool,
    readonly server: WebSocketServer,
  ) {}

  static async open(rig: Rig, files: Files, options: { mostOpen?: number; inspect?: () => Inspector } = {}): Promise<Door> {
    const server = new WebSocketServer({
      port: 0,
      host: "127.0.0.1",
      maxPayload: frameHeaderBytes + frameMaxBytes,
      perMessageDeflate: false,
    });
    const door = new Door(new Keys(rig.root), rig.spool(files, options), server);
    const log: Logger = pino({ level: "info" }, { write: (line) => void door.lines.push(JSON.parse(line)) });
    server.on("connection", (ws) => {
      const { sockets, keys, spool } = door;
      new UploadSocket(ws, {
        catalog: rig.catalog,
        keys,
        spool,
        log,
        onHello: (socket) => sockets.add(socket),
        onClose: (socket) => sockets.delete(socket),
      });
    });
    await once(server, "listening");
    return door;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async client(track?: TrackRow): Promise<Client> {
    const client = new Client(new WebSocket(this.url));
    await once(client.ws, "open");
    if (track) {
      client.say({ type: "hello", version: uploadVersion, track: track.id, token: this.keys.track(track.id) });
      await client.hears("welcome");
    }
    return client;
  }

  async close(): Promise<void> {
    for (const ws of this.server.clients) ws.terminate();
    this.server.close();
    await this.spool.close();
  }
}

export class Client {
  readonly heard: UploadDown[] = [];
  acked = 0;
  code: number | null = null;
  #changed: () => void = () => undefined;

  constructor(readonly ws: WebSocket) {
    ws.on("message", (data) => {
      const message = parseUploadDown(String(data));
      if (message.type === "ack") this.acked = Math.max(this.acked, message.offset);
      this.heard.push(message);
      this.#changed();
    });
    ws.on("close", (code) => {
      this.code = code;
      this.#changed();
    });
    ws.on("error", () => this.#changed());
  }

  say(message: UploadUp): void {
    this.ws.send(JSON.stringify(message));
  }

  /** A chunk frame; `source` is all of the segment. */
  chunk(source: Uint8Array<ArrayBuffer>, from: number, to: number, handle = 1): void {
    this.ws.send(encodeFrame({ handle, sequence: from, offset: from, endOffset: to, eventMs: from, bytes: source.subarray(from, to) }));
  }

  /** Resolves once `look` answers something, after any message or the close. */
  async until<T>(look: () => T | null | undefined | false): Promise<T> {
    for (;;) {
      const answer = look();
      if (answer !== null && answer !== undefined && answer !== false) return answer;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  async hears<T extends UploadDown["type"]>(type: T): Promise<Extract<UploadDown, { type: T }>> {
    return await this.until(() => {
      const index = this.heard.findIndex((message) => message.type === type);
      if (index >= 0) return this.heard.splice(index, 1)[0] as Extract<UploadDown, { type: T }>;
      if (this.code !== null) throw new Error(`closed with ${this.code} before “${type}”`);
      return null;
    });
  }

  closes(): Promise<number> {
    return this.until(() => this.code);
  }

  async open(segment: string, handle = 1): Promise<number> {
    this.say({ type: "open", segment, handle, facts });
    return (await this.hears("offset")).offset;
  }

  async finish(segment: string, source: Uint8Array): Promise<void> {
    this.say({ type: "finish", segment, bytes: source.length, sha256: sha256(source) });
    await this.hears("sealed");
  }

  /** The honest loop, from wherever the server is. */
  async complete(segment: string, source: Uint8Array<ArrayBuffer>, chunkBytes: number): Promise<number> {
    const offset = await this.open(segment);
    for (let at = offset; at < source.length; at += chunkBytes) this.chunk(source, at, Math.min(source.length, at + chunkBytes));
    await this.finish(segment, source);
    return offset;
  }
}
