// A segment's packets in 26 bytes each: eight hours of one track are about two million of them, and as objects they would fill the heap.
// Promise: what was pushed is what is read; a list only ever grows.
import type { Packet } from "./container.ts";

/** What readers need; an array is one too. */
export interface PacketList extends Iterable<Packet> {
  readonly length: number;
  /** From the end when negative. */
  at(index: number): Packet | undefined;
}

/** Unless it is known how many there will be. Small, because most segments are short: about ten seconds of pictures and sound. */
const usualPackets = 1024;

const flag = { video: 1, key: 2, afterDamage: 4 } as const;

interface Block {
  mediaMs: Float64Array;
  offset: Float64Array;
  size: Uint32Array;
  samples: Uint32Array;
  flags: Uint8Array;
  /** Into the list's stream numbers. */
  stream: Uint8Array;
}

export class Packets implements PacketList {
  readonly #blocks: Block[] = [];
  readonly #blockPackets: number;
  readonly #streams: number[] = [];
  #length = 0;

  constructor(blockPackets = usualPackets) {
    this.#blockPackets = Math.max(1, blockPackets);
  }

  get length(): number {
    return this.#length;
  }

  push(packet: Packet): void {
    const row = this.#length % this.#blockPackets;
    if (row === 0) this.#blocks.push(emptyBlock(this.#blockPackets));
    const block = this.#blocks.at(-1)!;
    block.mediaMs[row] = packet.mediaMs;
    block.offset[row] = packet.offset;
    block.size[row] = packet.size;
    block.samples[row] = packet.samples;
    block.flags[row] =
      (packet.kind === "video" ? flag.video : 0) | (packet.key ? flag.key : 0) | (packet.afterDamage ? flag.afterDamage : 0);
    block.stream[row] = this.#place(packet.stream);
    this.#length += 1;
  }

  /** A new object each time. */
  at(index: number): Packet | undefined {
    const place = index < 0 ? this.#length + index : index;
    if (!(place >= 0 && place < this.#length)) return undefined;
    const block = this.#blocks[Math.floor(place / this.#blockPackets)]!;
    const row = place % this.#blockPackets;
    const flags = block.flags[row]!;
    return {
      stream: this.#streams[block.stream[row]!]!,
      kind: flags & flag.video ? "video" : "audio",
      mediaMs: block.mediaMs[row]!,
      offset: block.offset[row]!,
      size: block.size[row]!,
      key: (flags & flag.key) !== 0,
      afterDamage: (flags & flag.afterDamage) !== 0,
      samples: block.samples[row]!,
    };
  }

  *[Symbol.iterator](): Iterator<Packet> {
    for (let index = 0; index < this.#length; index += 1) yield this.at(index)!;
  }

  /** A container has few streams, whatever numbers it gives them. */
  #place(stream: number): number {
    const known = this.#streams.indexOf(stream);
    return known >= 0 ? known : this.#streams.push(stream) - 1;
  }
}

function emptyBlock(count: number): Block {
  return {
    mediaMs: new Float64Array(count),
    offset: new Float64Array(count),
    size: new Uint32Array(count),
    samples: new Uint32Array(count),
    flags: new Uint8Array(count),
    stream: new Uint8Array(count),
  };
}

/** The first of the first `among` packets that is of a kind. */
export function firstOf(packets: PacketList, kind: Packet["kind"], among = packets.length): Packet | undefined {
  for (let index = 0; index < Math.min(among, packets.length); index += 1) {
    const packet = packets.at(index)!;
    if (packet.kind === kind) return packet;
  }
  return undefined;
}
