// A participant without a browser whose bytes travel as a browser's do: the product's own outbox and uploader, over a socket of Node.
// Promise: it knows what it recorded and the most the server ever acked, so that a test can hold the server to it.
import { createHash } from "node:crypto";
import { typeid } from "typeid-js";
import { WebSocket } from "ws";
import { Allowance } from "../../browser/upload/allowance.ts";
import type { UploadSocket } from "../../browser/upload/connection.ts";
import { Track } from "../../browser/upload/outbox.ts";
import { probe } from "../../browser/upload/probe.ts";
import type { Segment } from "../../browser/upload/segment.ts";
import { MemoryShelf, type Shelf } from "../../browser/upload/shelf.ts";
import { Uploader } from "../../browser/upload/uploader.ts";
import type { ClockSample } from "../../protocol/recording.ts";

export interface DroneOptions {
  /** Address that the upload socket is opened on, http. */
  url: string;
  recording: string;
  track: string;
  token: string;
  footage: Uint8Array<ArrayBuffer>;
  /** Of the footage, for every second. */
  bytesPerSecond: number;
  samples: ClockSample[];
}

const chunkMs = 1000;
const nowMs = () => performance.timeOrigin + performance.now();

export class Drone {
  readonly #uploader: Uploader;
  readonly #recorder: NodeJS.Timeout;
  #sequence = 0;
  #acked = 0;
  #ackedAt = performance.now();
  #longestSilenceMs = 0;
  /** What the uploader still believes of a server that was put back; null: it has heard better. */
  #outdated: number | null = null;

  private constructor(
    readonly options: DroneOptions,
    readonly track: Track,
    readonly segment: Segment,
  ) {
    const connect = () => new WebSocket(`${options.url.replace(/^http/, "ws")}/ws/upload`, { origin: options.url });
    this.#uploader = new Uploader({
      allowance: new Allowance(),
      track,
      connect: () => quiet(connect()),
      probe: (signal) => probe(options.url, signal),
      onChange: () => this.#hear(),
      random: Math.random,
    });
    this.#recorder = setInterval(() => this.#record(), chunkMs);
    void this.#uploader.run();
  }

  static async start(options: DroneOptions): Promise<Drone> {
    const { recording, track: id, token } = options;
    // The outbox of a drone is its memory; to the uploader it is a device, which keeps what was acked until it is sealed.
    const shelf: Shelf = Object.assign(new MemoryShelf() as object, { storage: "device" }) as Shelf;
    const about = {
      version: 1,
      recording,
      track: id,
      token,
      room: "Chaos",
      source: "camera",
      startedAt: new Date().toISOString(),
    } as const;
    const track = await Track.open(shelf, about);
    const startMs = nowMs();
    const segment = await track.addSegment(typeid("seg").toString(), {
      browser: "chromium",
      version: 0,
      mimeType: "video/webm;codecs=vp8,opus",
      startCallMs: startMs,
      startEventMs: startMs,
    });
    segment.addSamples(options.samples);
    return new Drone(options, track, segment);
  }

  get state(): string {
    return this.#uploader.state;
  }

  /** The most that was ever acked; less again only by `forgetAcks`. */
  get acked(): number {
    return this.#acked;
  }

  /** All that it has recorded. */
  get recorded(): Uint8Array {
    return this.options.footage.subarray(0, this.segment.bytes);
  }

  /** The server is put back on purpose: nothing that it acked before binds it. */
  forgetAcks(): void {
    this.#acked = 0;
    this.#outdated = this.#uploader.bytesSafe;
  }

  /** Longest time without news of acks since this was last asked. */
  silenceMs(): number {
    const longest = Math.max(this.#longestSilenceMs, performance.now() - this.#ackedAt);
    this.#longestSilenceMs = 0;
    this.#ackedAt = performance.now();
    return longest;
  }

  sha256(bytes = this.segment.bytes): string {
    return createHash("sha256").update(this.options.footage.subarray(0, bytes)).digest("hex");
  }

  /** Stops recording; resolves when the server holds everything, or at `vanish`. */
  async finish(): Promise<void> {
    clearInterval(this.#recorder);
    this.segment.finish();
    await this.track.end();
    this.#uploader.wake();
    await this.#uploader.run();
  }

  /** Gone without a word; what it recorded stays with it. */
  async vanish(): Promise<void> {
    clearInterval(this.#recorder);
    await this.#uploader.close();
  }

  #record(): void {
    const { footage, bytesPerSecond } = this.options;
    const piece = footage.slice(this.segment.bytes, this.segment.bytes + bytesPerSecond);
    if (piece.length > 0) this.segment.append(this.#sequence++, piece, nowMs());
    this.#uploader.wake();
  }

  #hear(): void {
    const safe = this.#uploader.bytesSafe;
    if (safe === this.#outdated) return;
    this.#outdated = null;
    if (safe <= this.#acked) return;
    this.#acked = safe;
    const now = performance.now();
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, now - this.#ackedAt);
    this.#ackedAt = now;
  }
}

/** A browser's socket tells of errors by closing; one of Node throws unless somebody listens. */
function quiet(socket: WebSocket): UploadSocket {
  socket.on("error", () => socket.terminate());
  const { close } = socket;
  socket.close = () => (socket.readyState === WebSocket.OPEN ? close.call(socket) : socket.terminate());
  return socket as unknown as UploadSocket;
}
