// A segment's packets in 26 bytes each: eight hours of one track are about two million of them, and as objects they would fill the heap.
// Promise: what was pushed is what is read; a list only ever grows.
import type { Packet } from "./container.ts";

/** What readers need; an array is one too. */
export interface PacketList extends Iterable<Packet> {
  readonly length: number;
  /** From the end when negative. */
  at(index: number): Packet | undefined;
}

/** Small, because most segments are short: about ten seconds of pictures and sound. */
const blockPackets = 1024;

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
  readonly #streams: number[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(packet: Packet): void {
    const row = this.#length % blockPackets;
    if (row === 0) this.#blocks.push(emptyBlock());
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
    const block = this.#blocks[Math.floor(place / blockPackets)]!;
    const row = place % blockPackets;
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

function emptyBlock(): Block {
  return {
    mediaMs: new Float64Array(blockPackets),
    offset: new Float64Array(blockPackets),
    size: new Uint32Array(blockPackets),
    samples: new Uint32Array(blockPackets),
    flags: new Uint8Array(blockPackets),
    stream: new Uint8Array(blockPackets),
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
