// A participant without a browser: speaks the two sockets by protocol/ and sends given bytes. For faults that no browser would commit,
// and for recordings that need to exist but not to be looked at.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { setInterval } from "node:timers/promises";
import { typeid } from "typeid-js";
import { WebSocket } from "ws";
import { type CallDown, type CallUp, callVersion, parseCallDown } from "../../protocol/call.ts";
import type { ClockSample, SegmentFacts } from "../../protocol/recording.ts";
import { encodeFrame, frameMaxBytes, parseUploadDown, type UploadDown, type UploadUp, uploadVersion } from "../../protocol/upload.ts";
import { poll } from "./poll.ts";

/** A socket whose messages are kept, so that a test can ask for one that came before it asked. */
export class Line<Down extends { type: string }, Up> {
  readonly messages: Down[] = [];
  /** Close code and reason, once closed. */
  closed: { code: number; reason: string } | null = null;
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket, parse: (text: string) => Down) {
    this.#socket = socket;
    socket.on("message", (data) => this.messages.push(parse(String(data))));
    socket.on("close", (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    socket.on("error", (error) => {
      this.closed ??= { code: 0, reason: error.message };
    });
  }

  static async open<Down extends { type: string }, Up>(url: string, parse: (text: string) => Down): Promise<Line<Down, Up>> {
    const socket = new WebSocket(url, { origin: new URL(url).origin.replace(/^ws/, "http") });
    const line = new Line<Down, Up>(socket, parse);
    await once(socket, "open");
    return line;
  }

  say(message: Up): void {
    this.#socket.send(JSON.stringify(message));
  }

  /** Whatever this is, well-formed or not. */
  sendRaw(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  /** The next message of this type that nobody took yet. */
  async hears<T extends Down["type"]>(type: T, limitMs = 15_000): Promise<Extract<Down, { type: T }>> {
    const found = await poll(
      () => {
        const index = this.messages.findIndex((message) => message.type === type);
        if (index >= 0) return { message: this.messages.splice(index, 1)[0] as Extract<Down, { type: T }> };
        return this.closed && { message: null };
      },
      { what: `message “${type}”`, limitMs, everyMs: 10 },
    );
    if (!found.message) throw new Error(`“${type}” did not come: closed with ${this.closed?.code} ${this.closed?.reason}`);
    return found.message;
  }

  async closes(limitMs = 15_000): Promise<{ code: number; reason: string }> {
    return await poll(() => this.closed, { what: "the socket is closed by the server", limitMs, everyMs: 10 });
  }

  close(): void {
    this.#socket.close();
  }
}

export type CallLine = Line<CallDown, CallUp>;
export type UploadLine = Line<UploadDown, UploadUp>;

const socketUrl = (server: string, path: string) => `${server.replace(/^http/, "ws")}${path}`;
export const openCall = (server: string): Promise<CallLine> => Line.open(socketUrl(server, "/ws/call"), parseCallDown);
export const openUpload = (server: string): Promise<UploadLine> => Line.open(socketUrl(server, "/ws/upload"), parseUploadDown);

/** An upload socket for a track that was opened earlier, in this call or long ago. */
export async function resumeTrack(server: string, track: string, token: string): Promise<UploadLine> {
  const line = await openUpload(server);
  line.say({ type: "hello", version: uploadVersion, track, token });
  await line.hears("welcome");
  return line;
}

/** One chunk of the segment with handle 1, in as many frames as it needs. `eventMs`: when a recorder would have handed it over, which is never before
 * its last picture. */
export function sendChunk(line: UploadLine, bytes: Uint8Array<ArrayBuffer>, offset: number, sequence: number, eventMs = nowMs()): void {
  for (let from = 0; from < bytes.length; from += frameMaxBytes) {
    const part = bytes.subarray(from, from + frameMaxBytes);
    line.sendRaw(encodeFrame({ handle: 1, sequence, offset: offset + from, endOffset: offset + bytes.length, eventMs, bytes: part }));
  }
}

const nowMs = () => performance.timeOrigin + performance.now();

export class Sender {
  private constructor(
    readonly call: CallLine,
    readonly server: string,
    readonly me: { id: string; secret: string; role: string },
    readonly samples: ClockSample[],
  ) {}

  static async join(server: string, room: { id: string }, key: string, name: string): Promise<Sender> {
    const call = await openCall(server);
    call.say({
      type: "join",
      version: callVersion,
      room: room.id,
      key,
      name,
      instance: crypto.randomUUID(),
      consent: true,
      microphone: true,
      camera: true,
    });
    const { me } = await call.hears("welcome");
    const samples: ClockSample[] = [];
    for (let i = 0; i < 5; i++) {
      call.say({ type: "ping", sentMs: nowMs() });
      const { sentMs, serverMs, epoch } = await call.hears("pong");
      samples.push({ sentMs, receivedMs: nowMs(), serverMs, epoch });
    }
    return new Sender(call, server, me, samples);
  }

  /** An upload socket for my camera's track, welcomed. */
  async openTrack(recording: string): Promise<{ line: UploadLine; track: string; token: string }> {
    this.call.say({ type: "track", recording, source: "camera" });
    const { track, token } = await this.call.hears("track");
    return { line: await resumeTrack(this.server, track, token), track, token };
  }

  /** Sends a whole segment as a recorder would have made it from `startMs` (browser's clock) on, and waits until it is sealed. */
  async sendSegment(line: UploadLine, bytes: Uint8Array<ArrayBuffer>, startMs: number): Promise<{ segment: string; sha256: string }> {
    const segment = this.openSegment(line, startMs);
    await line.hears("offset");
    this.sendChunk(line, bytes, 0, 0);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    line.say({ type: "finish", segment, bytes: bytes.length, sha256 });
    await line.hears("sealed");
    return { segment, sha256 };
  }

  openSegment(line: UploadLine, startMs: number, mimeType = "video/webm;codecs=vp8,opus"): string {
    const segment = typeid("seg").toString();
    const facts: SegmentFacts = { browser: "firefox", version: 0, mimeType, startCallMs: startMs, startEventMs: startMs };
    line.say({ type: "open", segment, handle: 1, facts });
    line.say({ type: "clock", segment, samples: this.samples });
    return segment;
  }

  /** One chunk, in as many frames as it needs. */
  sendChunk(line: UploadLine, bytes: Uint8Array<ArrayBuffer>, offset: number, sequence: number, eventMs?: number): void {
    sendChunk(line, bytes, offset, sequence, eventMs);
  }

  /** Sends the bytes as a recorder would hand them over: a share every half second, `durationMs` long. */
  async drip(line: UploadLine, bytes: Uint8Array<ArrayBuffer>, durationMs: number): Promise<void> {
    const share = Math.ceil((bytes.length * 500) / durationMs);
    let sequence = 0;
    for await (const _ of setInterval(500)) {
      const from = sequence * share;
      if (from >= bytes.length || line.closed) return;
      this.sendChunk(line, bytes.slice(from, from + share), from, sequence);
      sequence += 1;
    }
  }

  /** Gone without a word, as when a tab is killed. */
  vanish(...lines: UploadLine[]): void {
    for (const line of lines) line.close();
    this.call.close();
  }

  /** The server closes the socket. */
  leave(): void {
    this.call.say({ type: "leave" });
  }
}
