// The devices of `ingest.ts`: each sends one track of 2.6 Mbit/s in chunks of one second, as a recorder makes them, and times the acks.
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { typeid } from "typeid-js";
import { WebSocket } from "ws";
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
const made = new Map<number, Uint8Array<ArrayBuffer>>();

/** The same for all tracks: a cluster with a second of pictures and sound. */
function chunkOf(second: number): Uint8Array<ArrayBuffer> {
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
  const bytes = Uint8Array.from(Buffer.concat([...(second === 0 ? [webmHead()] : []), cluster(second * 1000, blocks)]));
  made.set(second, bytes);
  made.delete(second - 20);
  return bytes;
}

class Device {
  acked = 0;
  sent = 0;
  second = 0;
  late = 0;
  readonly ackMs: number[] = [];
  readonly #underWay: { end: number; atMs: number }[] = [];

  private constructor(readonly ws: WebSocket) {
    ws.on("message", (data) => {
      const found = /"ack".*"offset":(\d+)/.exec(String(data));
      if (!found) return;
      this.acked = Number(found[1]);
      while (this.#underWay[0] && this.#underWay[0].end <= this.acked) this.ackMs.push(performance.now() - this.#underWay.shift()!.atMs);
    });
  }

  static async open(given: Given, index: number): Promise<Device> {
    const { track, token } = given.tracks[index]!;
    const ws = new WebSocket(`ws://127.0.0.1:${given.port}/ws/upload`, {
      origin: `http://127.0.0.1:${given.port}`,
      perMessageDeflate: false,
    });
    await once(ws, "open");
    const device = new Device(ws);
    if (track === "") return device;
    const facts = { browser: "chromium", version: 156, mimeType: "video/webm", startCallMs: 0, startEventMs: 0 };
    ws.send(JSON.stringify({ type: "hello", version: uploadVersion, track, token }));
    await once(ws, "message");
    ws.send(JSON.stringify({ type: "open", segment: typeid("seg").toString(), handle: 0, facts }));
    await once(ws, "message");
    return device;
  }

  send(): void {
    if (this.sent - this.acked > mostUnacked) {
      this.late += 1;
      return;
    }
    const bytes = chunkOf(this.second);
    const end = this.sent + bytes.length;
    const frame = encodeFrame({ handle: 0, sequence: this.second, offset: this.sent, endOffset: end, eventMs: performance.now(), bytes });
    this.#underWay.push({ end, atMs: performance.now() });
    // Ours to mask in place: nobody reads it again.
    this.ws.send(frame, { binary: true });
    this.sent = end;
    this.second += 1;
  }
}

/** All tracks for so many seconds, spread evenly over each second. `measure` is called when they have begun, and again before they close. */
export async function load(given: Given, seconds: number, measure: () => void): Promise<Figures> {
  const devices: Device[] = [];
  for (let i = 0; i < given.tracks.length; i++) devices.push(await Device.open(given, i));
  const startMs = performance.now();
  measure();
  let turn = 0;
  while (turn < devices.length * seconds) {
    const due = ((performance.now() - startMs) / 1000) * devices.length;
    while (turn < due && turn < devices.length * seconds) devices[turn++ % devices.length]!.send();
    await wait(1);
  }
  const patience = performance.now() + 5000;
  while (devices.some(({ acked, sent }) => acked < sent) && performance.now() < patience) await wait(5);
  measure();
  for (const { ws } of devices) ws.terminate();
  return {
    ackedBytes: devices.reduce((sum, { acked }) => sum + acked, 0),
    late: devices.reduce((sum, { late }) => sum + late, 0),
    ackMs: devices.flatMap(({ ackMs }) => ackMs),
  };
}
