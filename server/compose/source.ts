// One segment's file as composing sees it: its packets so far, with their places on the recording's clock.
// Promise: never writes; reads on where it stopped; a file that is no media counts as empty, with the reason.
import { closeSync, openSync, readSync } from "node:fs";
import { UserError } from "../../protocol/errors.ts";
import type { Knee } from "../../protocol/recording.ts";
import { Container, type Packet, type Stream } from "../align/container.ts";
import { mapAt, placeSound, type SoundPlace, steps, tickOf } from "./place.ts";

/** Read from the file in pieces of this size. */
const readBytes = 1024 * 1024;

export interface Sound extends SoundPlace {
  packet: Packet;
  /** Samples, at the stream's rate, not to be heard at its beginning: the codec's pre-skip. */
  skip: number;
}

export class SegmentFile {
  readonly pictures: Packet[] = [];
  /** Indices into `pictures`. */
  readonly keys: number[] = [];
  readonly #sounds: Packet[] = [];
  readonly #container = new Container();
  readonly #file: number;
  #map: Knee[] = [];
  #soundMap: Knee[] = [];
  #shiftMs = 0;
  #places: Sound[] = [];
  /** The map jumps up to the last place. */
  #stepping = false;
  /** Samples of pre-skip that the next packet still has to drop. */
  #unheard = 0;
  #seen = 0;
  #refused: string | null = null;

  constructor(path: string) {
    this.#file = openSync(path, "r");
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
    const piece = Buffer.allocUnsafe(readBytes);
    while (this.#refused === null && this.#container.bytes < bytes) {
      const from = this.#container.bytes;
      const length = readSync(this.#file, piece, 0, Math.min(readBytes, bytes - from), from);
      if (length === 0) break;
      try {
        this.#container.push(Buffer.from(piece.subarray(0, length)));
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        this.#refused = error.message;
      }
    }
    const packets = this.#container.packets;
    for (; this.#seen < packets.length; this.#seen++) {
      const packet = packets.at(this.#seen)!;
      if (packet.kind === "video") {
        if (packet.key) this.keys.push(this.pictures.length);
        this.pictures.push(packet);
      } else if (packet.samples > 0) this.#sounds.push(packet);
    }
    const same = audioShiftMs === this.#shiftMs && JSON.stringify(soundMap) === JSON.stringify(this.#soundMap);
    if (!same) {
      this.#places = [];
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
    for (let index = this.#places.length; index < this.#sounds.length; index++) {
      const packet = this.#sounds[index]!;
      const last = this.#places[index - 1];
      const atMs = mapAt(this.#soundMap, packet.mediaMs) + this.#shiftMs;
      const stepping = last !== undefined && steps(this.#soundMap, last.packet.mediaMs, packet.mediaMs);
      // One hole where a loss is over, not one for each packet on its way.
      const stepped = this.#stepping && !stepping;
      this.#stepping = stepping;
      const place = placeSound(last ? last.start + last.length : null, atMs, packet.samples, audio.sampleRate, stepped);
      if (index === 0) this.#unheard = audio.preSkip;
      const skip = Math.min(this.#unheard, packet.samples);
      this.#unheard -= skip;
      this.#places.push({ ...place, packet, skip });
    }
  }

  /** The tick at which a picture of that media time is first shown. */
  tickOf(mediaMs: number): number {
    return tickOf(mapAt(this.#map, mediaMs));
  }

  /** In file order. */
  get sounds(): readonly Sound[] {
    return this.#places;
  }

  read(packet: Packet): Buffer {
    const bytes = Buffer.allocUnsafe(packet.size);
    const length = readSync(this.#file, bytes, 0, packet.size, packet.offset);
    return length === packet.size ? bytes : bytes.subarray(0, length);
  }

  close(): void {
    closeSync(this.#file);
  }
}
