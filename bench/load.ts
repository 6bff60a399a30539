// The devices of `ingest.ts`: each sends one track of 2.6 Mbit/s in chunks of one second, as a recorder makes them, and times the acks.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { typeid } from "typeid-js";
import { encodeFrame, uploadVersion } from "../protocol/upload.ts";
import { type Block, cluster, opus60ms, webmHead } from "../server/align/media.fixture.ts";
import { noise } from "../server/ingest/rig.fixture.ts";

export interface Given {
  port: number;
  tracks: { track: string; token: string }[];
}

export interface Figures {
  ackedBytes: number;
  /** Chunks that could not be sent in their second, because 4 MiB were unacked. */
  late: number;
  ackMs: number[];
}

const chunkBytes = 325_000;
const mostUnacked = 4 * 1024 * 1024;
const picture = noise(chunkBytes / 30 - 20, 1);
const made = new Map<number, Buffer>();

/** The same for all tracks: a cluster with a second of pictures and sound, masked. */
function chunkOf(second: number): Buffer {
  const known = made.get(second);
  if (known) return known;
  const blocks: Block[] = Array.from({ length: 30 }, (_, frame) => ({
    track: 1,
    relativeMs: Math.round((frame * 1000) / 30),
    key: frame === 0,
    payload: picture,
  }));
  for (let at = 0; at < 1000; at += 60) blocks.push({ track: 2, relativeMs: at, key: true, payload: opus60ms });
  blocks.sort((a, b) => a.relativeMs - b.relativeMs);
  const bytes = masked(Buffer.concat([...(second === 0 ? [webmHead()] : []), cluster(second * 1000, blocks)]));
  made.set(second, bytes);
  made.delete(second - 20);
  return bytes;
}

/** Any key but 0, which a server may pass over. The same for all, so that the bytes are masked once and the processor is left to the server. */
const maskKey = Buffer.from([0x9e, 0x37, 0x79, 0xb9]);
const masked = (bytes: Uint8Array) => Buffer.from(bytes.map((byte, index) => byte ^ maskKey[index % 4]!));

/** Of a message as a browser sends it (RFC 6455, 5.2). */
function frameHead(opcode: number, length: number): Buffer {
  const long = length > 125;
  const head = Buffer.alloc(long ? 14 : 6);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (long ? 127 : length);
  if (long) head.writeBigUInt64BE(BigInt(length), 2);
  head.set(maskKey, long ? 10 : 2);
  return head;
}

/** A WebSocket that can do what this bench needs: masks nothing twice, hears short texts. */
class Line {
  onText: (text: string) => void = () => undefined;
  #left: Buffer = Buffer.alloc(0);

  private constructor(readonly socket: Duplex) {
    socket.on("data", (bytes: Buffer) => this.#hear(bytes));
    socket.on("error", () => socket.destroy());
  }

  static async open(port: number): Promise<Line> {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": randomBytes(16).toString("base64"),
      origin: `http://127.0.0.1:${port}`,
    };
    const asked = request({ port, host: "127.0.0.1", path: "/ws/upload", headers }).end();
    const [, socket] = (await once(asked, "upgrade")) as [unknown, Duplex];
    return new Line(socket);
  }

  say(message: unknown): void {
    const text = Buffer.from(JSON.stringify(message));
    this.#send(1, [masked(text)]);
  }

  chunk(header: Uint8Array, maskedMedia: Buffer): void {
    this.#send(2, [masked(header), maskedMedia]);
  }

  #send(opcode: number, parts: Buffer[]): void {
    this.socket.cork();
    this.socket.write(frameHead(opcode, lengthOf(parts)));
    for (const part of parts) this.socket.write(part);
    this.socket.uncork();
  }

  /** A server's messages are not masked, and none of ours is longer than 65 535 bytes. */
  #hear(bytes: Buffer): void {
    this.#left = this.#left.length > 0 ? Buffer.concat([this.#left, bytes]) : bytes;
    for (;;) {
      const short = (this.#left[1] ?? 0) & 0x7f;
      const start = short === 126 ? 4 : 2;
      if (this.#left.length < start) return;
      const end = start + (short === 126 ? this.#left.readUInt16BE(2) : short);
      if (this.#left.length < end) return;
      const [opcode, body] = [this.#left[0]! & 0x0f, this.#left.subarray(start, end)];
      this.#left = this.#left.subarray(end);
      if (opcode === 1) this.onText(body.toString());
      else if (opcode === 9) this.#send(10, [masked(body)]);
      else if (opcode === 8) throw new Error(`the door closed a socket: ${body.length > 1 ? body.readUInt16BE(0) : 0} ${body.subarray(2)}`);
    }
  }
}

const lengthOf = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0);

class Device {
  acked = 0;
  sent = 0;
  second = 0;
  late = 0;
  readonly ackMs: number[] = [];
  readonly #underWay: { end: number; atMs: number }[] = [];

  private constructor(readonly line: Line) {
    line.onText = (text) => {
      const found = /"ack".*"offset":(\d+)/.exec(text);
      if (!found) return;
      this.acked = Number(found[1]);
      while (this.#underWay[0] && this.#underWay[0].end <= this.acked) this.ackMs.push(performance.now() - this.#underWay.shift()!.atMs);
    };
  }

  static async open(given: Given, index: number): Promise<Device> {
    const { track, token } = given.tracks[index]!;
    const line = await Line.open(given.port);
    if (track === "") return new Device(line);
    const heard = () =>
      new Promise<string>((resolve) => {
        line.onText = resolve;
      });
    const facts = { browser: "chromium", version: 156, mimeType: "video/webm", startCallMs: 0, startEventMs: 0 };
    const welcome = heard();
    line.say({ type: "hello", version: uploadVersion, track, token });
    await welcome;
    const offset = heard();
    line.say({ type: "open", segment: typeid("seg").toString(), handle: 0, facts });
    await offset;
    return new Device(line);
  }

  send(): void {
    if (this.sent - this.acked > mostUnacked) {
      this.late += 1;
      return;
    }
    const chunk = chunkOf(this.second);
    const end = this.sent + chunk.length;
    const header = encodeFrame({
      handle: 0,
      sequence: this.second,
      offset: this.sent,
      endOffset: end,
      eventMs: performance.now(),
      bytes: new Uint8Array(),
    });
    this.#underWay.push({ end, atMs: performance.now() });
    this.line.chunk(header, chunk);
    this.sent = end;
    this.second += 1;
  }
}

/** Before the first measurement: code is compiled, files are made. */
const warmUpSeconds = 2;

/** For the last acks, where more was sent than the machine can take. */
const patienceMs = 15_000;

/** All tracks for so many seconds, spread evenly over each second. `measure` is called when they have begun, and again before they close. */
export async function load(given: Given, seconds: number, measure: () => void): Promise<Figures> {
  const devices: Device[] = [];
  for (let i = 0; i < given.tracks.length; i++) devices.push(await Device.open(given, i));
  await send(devices, warmUpSeconds);
  const before = ackedBy(devices);
  for (const device of devices) device.ackMs.splice(0);
  measure();
  await send(devices, seconds);
  const patience = performance.now() + patienceMs;
  while (devices.some(({ acked, sent }) => acked < sent) && performance.now() < patience) await wait(5);
  measure();
  for (const { line } of devices) line.socket.destroy();
  return {
    ackedBytes: ackedBy(devices) - before,
    late: devices.reduce((sum, { late }) => sum + late, 0),
    ackMs: devices.flatMap(({ ackMs }) => ackMs),
  };
}

const ackedBy = (devices: readonly Device[]) => devices.reduce((sum, { acked }) => sum + acked, 0);

async function send(devices: readonly Device[], seconds: number): Promise<void> {
  const startMs = performance.now();
  let turn = 0;
  while (turn < devices.length * seconds) {
    const due = ((performance.now() - startMs) / 1000) * devices.length;
    while (turn < due && turn < devices.length * seconds) devices[turn++ % devices.length]!.send();
    await wait(1);
  }
}
