// What of a segment's packets its place on the recording's clock follows from: little enough to be kept for as long as a call lasts, while the packets of
// a segment that has ended are let go. Eight hours of six people are seven million of them.
// Promise: the same timeline by the gist as by the packets, to the bit.
import type { ChunkFacts, SegmentFacts } from "../../protocol/recording.ts";
import { type Calibration, calibrationOf } from "./calibration.ts";
import { extentOf, type Media, rememberExtent } from "./extent.ts";
import { followingPictures } from "./follow.ts";
import { firstOf, type PacketList, Packets } from "./packets.ts";
import { sightingPackets } from "./sightings.ts";
import { type Point, pointsOf } from "./slip.ts";

export interface Gist {
  /** Media time of the first sound; null: there is none among the first packets. */
  firstAudioMs: number | null;
  hasPictures: boolean;
  /** Media time of the last packet, 0 when there is none. */
  lastMs: number;
  /** Of chunks that are all here. */
  points: readonly Point[];
  /** Where pictures that were seen pass are looked for. */
  head: PacketList;
  /** Media times of the pictures around where they begin to follow the sound, of a browser that has them do so. */
  following: readonly number[];
}

/** Sound begins among so many packets, or begins late enough to be none of the start. */
const audioAmong = 200;
/** A recorder that has pictures has one among so many packets: more than a minute of sound. */
const videoAmong = 5000;

const kept = new WeakMap<PacketList, Gist>();

export function gistOf(chunks: readonly ChunkFacts[], packets: PacketList, { followSound }: Pick<Calibration, "followSound">): Gist {
  const known = kept.get(packets);
  if (known) return known;
  return {
    firstAudioMs: firstOf(packets, "audio", audioAmong)?.mediaMs ?? null,
    hasPictures: firstOf(packets, "video", videoAmong) !== undefined,
    lastMs: packets.at(-1)?.mediaMs ?? 0,
    points: pointsOf(chunks, packets),
    head: packets,
    following: followSound ? followingPictures(packets, followSound) : [],
  };
}

/** A segment that has ended, without its packets. Of what stands for it only how many they were may be asked. */
export function withoutPackets(media: Media, chunks: readonly ChunkFacts[], facts: SegmentFacts): Media {
  const { packets } = media;
  const head = new Packets(Math.min(packets.length, sightingPackets));
  for (let index = 0; index < Math.min(packets.length, sightingPackets); index++) head.push(packets.at(index)!);
  const gone: Media = { streams: media.streams, packets: new LetGo(packets.length) };
  kept.set(gone.packets, { ...gistOf(chunks, packets, calibrationOf(facts)), head });
  rememberExtent(gone, extentOf(media));
  return gone;
}

class LetGo implements PacketList {
  constructor(readonly length: number) {}

  at(index: number): never {
    throw new Error(`packet ${index} of ${this.length} is asked for, and they were let go`);
  }

  [Symbol.iterator](): never {
    return this.at(0);
  }
}
