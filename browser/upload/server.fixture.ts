// A server as the uploader sees it, for tests: keeps bytes in memory, acks what it takes, and misbehaves when told to.

import { sha256 as digest } from "@noble/hashes/sha2.js";
import { vi } from "vitest";
import { closeCode } from "../../protocol/errors.ts";
import { parseFrame, parseUploadUp, type UploadDown, type UploadUp } from "../../protocol/upload.ts";
import { Allowance } from "./allowance.ts";
import type { UploadSocket } from "./connection.ts";
import { type About, Track } from "./outbox.ts";
import type { Segment } from "./segment.ts";
import { type MemoryFile, MemoryShelf, type Shelf, type ShelfFile } from "./shelf.ts";
import { Uploader } from "./uploader.ts";

export const trackId = "trk_00000000000000000000000000";
export const first = "seg_00000000000000000000000001";
export const second = "seg_00000000000000000000000002";
export const facts = { browser: "chromium", version: 156, mimeType: "video/webm", startCallMs: 1, startEventMs: 2 } as const;
export const about: About = { version: 1, recording: "rec", track: trackId, token: "t", room: "r", source: "camera", startedAt: "2026" };

/** What the server keeps over all sockets, and how it behaves. */
export class FakeServer {
  readonly segments = new Map<string, { bytes: Uint8Array; sealed: boolean }>();
  readonly said: UploadUp["type"][] = [];
  readonly sockets: FakeSocket[] = [];
  ended: string[] | null = null;
  /** Called before each message is handled; true swallows it. */
  intercept: (socket: FakeSocket, message: UploadUp | "chunk") => boolean = () => false;

  /** Over HTTP. */
  reachable = true;
  probes = 0;

  probe = async (): Promise<boolean> => {
    this.probes++;
    return this.reachable;
  };

  connect = (): UploadSocket => {
    const socket = new FakeSocket(this);
    this.sockets.push(socket);
    return socket;
  };

  held(segment: string): Uint8Array {
    return this.segments.get(segment)?.bytes ?? new Uint8Array();
  }
}

export class FakeSocket implements UploadSocket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly handles = new Map<number, string>();
  /** Bytes of media received and not acked yet, and the most there ever were. */
  unacked = 0;
  mostUnacked = 0;
  closed = false;

  constructor(readonly server: FakeServer) {
    queueMicrotask(() => this.onopen?.());
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.closed) return;
    if (typeof data !== "string") {
      this.unacked += data.length;
      this.mostUnacked = Math.max(this.mostUnacked, this.unacked);
    }
    // As a real socket: what is sent is handled later, in order.
    setTimeout(() => this.#handle(data), 1);
  }

  close(): void {
    this.closed = true;
  }

  drop(code: number): void {
    this.closed = true;
    this.onclose?.({ code, reason: "" });
  }

  say(message: UploadDown): void {
    if (!this.closed) this.onmessage?.({ data: JSON.stringify(message) });
  }

  #handle(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.closed) return;
    const message = typeof data === "string" ? parseUploadUp(data) : "chunk";
    if (message !== "chunk") this.server.said.push(message.type);
    if (this.server.intercept(this, message)) return;
    if (message === "chunk" || typeof data !== "string") {
      this.#append(data as Uint8Array<ArrayBuffer>);
      return;
    }
    if (message.type === "hello") this.say({ type: "welcome", track: message.track });
    if (message.type === "open") {
      this.handles.set(message.handle, message.segment);
      const held = this.server.segments.get(message.segment) ?? { bytes: new Uint8Array(), sealed: false };
      this.server.segments.set(message.segment, held);
      this.say({ type: "offset", segment: message.segment, offset: held.bytes.length, sealed: held.sealed });
    }
    if (message.type === "finish") {
      const held = this.server.segments.get(message.segment);
      if (!held || held.bytes.length < message.bytes || sha256(held.bytes.subarray(0, message.bytes)) !== message.sha256) {
        this.drop(closeCode.conflict);
        return;
      }
      held.sealed = true;
      this.say({ type: "sealed", segment: message.segment, bytes: held.bytes.length, sha256: sha256(held.bytes) });
    }
    if (message.type === "end") {
      this.server.ended = message.segments;
      this.say({ type: "ended" });
    }
  }

  #append(data: Uint8Array<ArrayBuffer>): void {
    const frame = parseFrame(data);
    const segment = this.handles.get(frame.handle);
    const held = segment && this.server.segments.get(segment);
    if (!segment || !held || held.bytes.length !== frame.offset) {
      this.drop(closeCode.conflict);
      return;
    }
    const { length } = held.bytes;
    const end = length + frame.bytes.length;
    const roomy = end <= held.bytes.buffer.byteLength ? held.bytes : new Uint8Array(end * 2);
    if (roomy !== held.bytes) roomy.set(held.bytes);
    held.bytes = new Uint8Array(roomy.buffer, 0, end);
    held.bytes.set(frame.bytes, length);
    this.unacked -= data.length;
    this.say({ type: "ack", segment, offset: held.bytes.length });
  }
}

export function sha256(data: Uint8Array): string {
  return Array.from(digest(data), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function bytes(length: number): Uint8Array<ArrayBuffer> {
  const made = new Uint8Array(length);
  for (let index = 0; index < length; index++) made[index] = index * 31;
  return made;
}

/** As the device keeps it: an ack gives nothing back. */
export class DeviceShelf extends MemoryShelf {
  override readonly storage = "device";
}

/** Takes so many bytes of media in each file, then is full. */
export class FullShelf extends MemoryShelf {
  constructor(
    public room: number,
    override readonly storage: Shelf["storage"] = "device",
  ) {
    super();
  }

  override async open(folder: string, name: string): Promise<MemoryFile> {
    const file = await super.open(folder, name);
    const write: ShelfFile["write"] = file.write.bind(file);
    file.write = (data, offset) => {
      if (name.endsWith(".media") && offset + data.length > this.room) throw new DOMException("full", "QuotaExceededError");
      write(data, offset);
    };
    return file;
  }
}

export async function recorded(id: string, lengths: number[], track?: Track): Promise<{ track: Track; segment: Segment }> {
  const into = track ?? (await Track.open(new DeviceShelf(), about));
  const segment = await into.addSegment(id, facts);
  for (const [sequence, length] of lengths.entries()) segment.append(sequence, bytes(length), sequence * 1000);
  return { track: into, segment };
}

export function uploaderOf(track: Track, server: FakeServer): Uploader {
  return new Uploader({
    track,
    connect: server.connect,
    probe: server.probe,
    allowance: new Allowance(),
    onChange: () => undefined,
    random: () => 0.5,
  });
}

/** Lets the fake clock run until it is so. */
export async function until(what: () => boolean, mostMs = 60_000): Promise<void> {
  for (let passed = 0; !what(); passed += 10) {
    if (passed > mostMs) throw new Error("it never came to be");
    await vi.advanceTimersByTimeAsync(10);
  }
}
