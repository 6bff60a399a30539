// The upload door on loopback, with the real modules behind it, and a client that says whatever a test wants it to.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
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
import { facts, type Rig, type SpoolChoice, sha256 } from "./rig.fixture.ts";
import { UploadSocket, type UploadSocketOptions } from "./socket.ts";
import type { Spool } from "./spool.ts";

/** Beside what a spool takes: the catalog that the sockets see, and their timings. */
type DoorOptions = SpoolChoice & Partial<Pick<UploadSocketOptions, "catalog" | "helloMs" | "beatMs">>;

export class Door {
  readonly sockets = new Set<UploadSocket>();

  readonly clients = new Set<WebSocket>();

  private constructor(
    readonly keys: Keys,
    readonly spool: Spool,
    readonly server: WebSocketServer,
    readonly lines: readonly Record<string, unknown>[],
  ) {}

  static async open(rig: Rig, files: Files, { helloMs, beatMs, ...choice }: DoorOptions = {}): Promise<Door> {
    const server = new WebSocketServer({
      port: 0,
      host: "127.0.0.1",
      maxPayload: frameHeaderBytes + frameMaxBytes,
      perMessageDeflate: false,
    });
    const lines: Record<string, unknown>[] = [];
    const log: Logger = pino({ level: "info" }, { write: (line) => void lines.push(JSON.parse(line)) });
    const timings = Object.fromEntries(Object.entries({ helloMs, beatMs }).filter(([, value]) => value !== undefined));
    const keys = new Keys(rig.root);
    const spool = rig.spool(files, choice);
    const accept = (ws: WebSocket, wire: { bytesRead: number }) => {
      door.clients.add(ws);
      ws.on("close", () => door.clients.delete(ws));
      new UploadSocket(ws, wire, {
        catalog: choice.catalog ?? rig.catalog,
        keys,
        spool,
        log,
        onHello: (socket) => door.sockets.add(socket),
        onClose: (socket) => door.sockets.delete(socket),
        ...timings,
      });
    };
    server.on("connection", (ws, { socket }) => accept(ws, socket));
    const door = new Door(keys, spool, server, lines);
    await once(server, "listening");
    return door;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** A connection after the handshake, below the WebSocket: for whoever wants to send a message byte by byte. */
  async raw(): Promise<{ raw: Duplex; frameOf: (text: Buffer) => Buffer }> {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": randomBytes(16).toString("base64"),
      origin: `http://127.0.0.1:${this.port}`,
    };
    const asked = request({ port: this.port, host: "127.0.0.1", path: "/ws/upload", headers }).end();
    const [, raw] = (await once(asked, "upgrade")) as [unknown, Duplex];
    // A masking key of zeros leaves the bytes as they are (RFC 6455, 5.3).
    const frameOf = (text: Buffer) => Buffer.concat([Buffer.from([0x81, 0xfe, text.length >> 8, text.length & 255, 0, 0, 0, 0]), text]);
    return { raw, frameOf };
  }

  async until(look: () => unknown): Promise<void> {
    while (!look()) await new Promise((resolve) => setImmediate(resolve));
  }

  async client(track?: TrackRow): Promise<Client> {
    const client = new Client(new WebSocket(`ws://127.0.0.1:${this.port}/ws/upload`, { origin: `http://127.0.0.1:${this.port}` }));
    await once(client.ws, "open");
    if (track) {
      client.say({ type: "hello", version: uploadVersion, track: track.id, token: this.keys.track(track.id) });
      await client.hears("welcome");
    }
    return client;
  }

  async close(): Promise<void> {
    for (const ws of this.clients) ws.terminate();
    this.server.close();
    await this.spool.close();
  }
}

export class Client {
  readonly heard: UploadDown[] = [];
  acked = 0;
  code: number | null = null;
  reason = "";
  #changed: () => void = () => undefined;

  constructor(readonly ws: WebSocket) {
    ws.on("message", (data) => {
      const message = parseUploadDown(String(data));
      if (message.type === "ack") this.acked = Math.max(this.acked, message.offset);
      this.heard.push(message);
      this.#changed();
    });
    ws.on("close", (code, reason) => {
      this.code = code;
      this.reason = String(reason);
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
