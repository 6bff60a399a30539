// One segment's file as composing sees it: its packets so far, with their places on the recording's clock.
// Promise: never writes; reads on where it stopped; a file that is no media counts as empty, with the reason.
import { closeSync, openSync, readSync } from "node:fs";
import { UserError } from "../../protocol/errors.ts";
import type { Knee } from "../../protocol/timeline.ts";
import { Container, type Packet, type Stream } from "../align/container.ts";
import { Column } from "./column.ts";
import { mapAt, placeSound, type SoundPlace, steps, tickOf } from "./place.ts";

/** Read from the file in pieces of this size. */
const readBytes = 1024 * 1024;

export interface Sound extends Omit<SoundPlace, "lean"> {
  packet: Packet;
  /** Samples, at the stream's rate, not to be heard at its beginning: the codec's pre-skip. */
  skip: number;
}

/** In file order; each is a new object, like the packets in it. */
export interface SoundList {
  readonly length: number;
  at(index: number): Sound;
}

export class SegmentFile {
  /** Numbers of the pictures that are key frames. */
  readonly keys: number[] = [];
  /** Which of the container's packets are pictures, and which are sound. */
  readonly #pictures = new Column(Uint32Array);
  readonly #sounds = new Column(Uint32Array);
  readonly #container = new Container();
  readonly #file: number;
  #map: Knee[] = [];
  #soundMap: Knee[] = [];
  #shiftMs = 0;
  readonly #places = { start: new Column(Float64Array), length: new Column(Float64Array), joined: new Column(Uint8Array) };
  /** The last place, with what no column keeps of it. */
  #last: SoundPlace | null = null;
  /** By number of a sound; there are few. */
  readonly #skips = new Map<number, number>();
  readonly sounds: SoundList;
  /** The map jumps up to the last place. */
  #stepping = false;
  /** Samples of pre-skip that the next packet still has to drop. */
  #unheard = 0;
  #seen = 0;
  #refused: string | null = null;

  /** `onRead`: a packet is about to be decoded. */
  constructor(
    path: string,
    readonly onRead: () => void = () => undefined,
  ) {
    this.#file = openSync(path, "r");
    const { start } = this.#places;
    this.sounds = {
      get length() {
        return start.length;
      },
      at: (index) => this.#sound(index),
    };
  }

  get refused(): string | null {
    return this.#refused;
  }
  get video(): Stream | null {
    return this.#container.streams.find((stream) => stream.kind === "video") ?? null;
  }
  get audio(): Stream | null {
    return this.#container.streams.find((stream) => stream.kind === "audio") ?? null;
  }

  /** Takes in the bytes up to `bytes`, and the map to place them by. */
  update(bytes: number, map: Knee[], audioShiftMs: number, soundMap: Knee[] = map): void {
    while (this.#refused === null && this.#container.bytes < bytes) {
      const from = this.#container.bytes;
      const piece = Buffer.allocUnsafe(Math.min(readBytes, bytes - from));
      const length = readSync(this.#file, piece, 0, piece.length, from);
      if (length === 0) break;
      try {
        this.#container.push(piece.subarray(0, length));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        this.#refused = error.message;
      }
    }
    const packets = this.#container.packets;
    for (; this.#seen < packets.length; this.#seen++) {
      const packet = packets.at(this.#seen)!;
      if (packet.kind === "video") {
        if (packet.key) this.keys.push(this.#pictures.length);
        this.#pictures.push(this.#seen);
      } else if (packet.samples > 0) this.#sounds.push(this.#seen);
    }
    const same = audioShiftMs === this.#shiftMs && JSON.stringify(soundMap) === JSON.stringify(this.#soundMap);
    if (!same) {
      for (const column of Object.values(this.#places)) column.clear();
      this.#skips.clear();
      this.#last = null;
      this.#stepping = false;
    }
    this.#map = map;
    this.#soundMap = soundMap;
    this.#shiftMs = audioShiftMs;
    this.#place();
  }

  #place(): void {
    const audio = this.audio;
    if (!audio) return;
    const { start, length, joined } = this.#places;
    let before = start.length > 0 ? this.#packet(this.#sounds.at(start.length - 1)) : null;
    for (let index = start.length; index < this.#sounds.length; index++) {
      const packet = this.#packet(this.#sounds.at(index));
      const atMs = mapAt(this.#soundMap, packet.mediaMs) + this.#shiftMs;
      const stepping = before !== null && steps(this.#soundMap, before.mediaMs, packet.mediaMs);
      // One hole where a loss is over, not one for each packet on its way.
      const stepped = this.#stepping && !stepping;
      this.#stepping = stepping;
      const place = placeSound(this.#last, atMs, packet.samples, audio.sampleRate, stepped);
      this.#last = place;
      if (index === 0) this.#unheard = audio.preSkip;
      const skip = Math.min(this.#unheard, packet.samples);
      this.#unheard -= skip;
      if (skip > 0) this.#skips.set(index, skip);
      start.push(place.start);
      length.push(place.length);
      joined.push(place.joined ? 1 : 0);
      before = packet;
    }
  }

  #packet(index: number): Packet {
    return this.#container.packets.at(index)!;
  }

  #sound(index: number): Sound {
    const { start, length, joined } = this.#places;
    const packet = this.#packet(this.#sounds.at(index));
    return { start: start.at(index), length: length.at(index), joined: joined.at(index) === 1, packet, skip: this.#skips.get(index) ?? 0 };
  }

  /** In file order; null behind the last one that is here. */
  picture(index: number): Packet | null {
    return index >= 0 && index < this.#pictures.length ? this.#packet(this.#pictures.at(index)) : null;
  }

  /** The tick at which a picture of that media time is first shown. */
  tickOf(mediaMs: number): number {
    return tickOf(mapAt(this.#map, mediaMs));
  }

  read(packet: Packet): Buffer {
    this.onRead();
    const bytes = Buffer.allocUnsafe(packet.size);
    const length = readSync(this.#file, bytes, 0, packet.size, packet.offset);
    return length === packet.size ? bytes : bytes.subarray(0, length);
  }

  close(): void {
    closeSync(this.#file);
  }
}
