// Which packets of a track's segments go into its one file, and when. Pure.
// Promise: what is written can be decoded from its first picture on, and time only goes forward.
import { UserError } from "../../protocol/errors.ts";
import type { Knee } from "../../protocol/timeline.ts";
import type { Packet, Stream } from "../align/container.ts";
import type { PacketList } from "../align/packets.ts";
import { padded } from "./pad.ts";
import { mapAt } from "./place.ts";
import { lengthBytesOf } from "./trackcodec.ts";

export interface TrackSegment {
  path: string;
  container: { readonly streams: readonly Stream[]; readonly packets: PacketList };
  map: readonly Knee[];
  soundMap?: readonly Knee[] | undefined;
  audioShiftMs: number;
}

/** A packet and its place in the file that is made. */
export interface PlacedPacket {
  segment: TrackSegment;
  packet: Packet;
  atMs: number;
  durationMs: number;
  /** Instead of the packet's own: silence. */
  bytes?: Uint8Array;
}

export interface TrackPlan {
  video: Stream | null;
  audio: Stream | null;
  packets: PlacedPacket[];
}

/** A picture whose follower is not known. */
const pictureMs = 1000 / 30;
/** A picture whose follower is this far away, or further, stands before a hole. */
const pictureMaxMs = 10_000;

/** Which packets go into the file and when: what cannot be decoded is left out, segments that overlap are cut where the later begins.
 * `zero`: the file begins with the track's first media, or with the film. `silent`: its pictures alone. */
export function planOf(segments: readonly TrackSegment[], zero: "track" | "film" = "track", silent = false): TrackPlan {
  const goes = ({ kind }: Stream | Packet) => !silent || kind === "video";
  const streams = segments.flatMap(({ container }) => container.streams.filter(goes));
  const placed = segments.map((segment) => placedOf(segment).filter(({ packet }) => goes(packet))).filter((packets) => packets.length > 0);
  placed.sort((a, b) => startOf(a) - startOf(b));
  if (placed.length === 0) throw new UserError("not-ready", "Nothing of this track is here yet.");
  const first = zero === "film" ? 0 : Math.min(...placed.map(startOf));
  const packets: PlacedPacket[] = [];
  // What lies before the film's zero: sound is left out, pictures follow one another quickly.
  const before = zero === "film" ? -1 : Number.NEGATIVE_INFINITY;
  const lastMs = { video: before, audio: zero === "film" ? 0 : before };
  for (const segment of placed) {
    const floor = { ...lastMs };
    for (const each of segment) {
      const { kind } = each.packet;
      const atMs = each.atMs - first;
      if (kind === "audio" && atMs < floor.audio) continue;
      // Pictures cannot be left out, for the next ones build on them: they come in quick succession instead.
      const place = { ...each, atMs: atMs > floor[kind] ? atMs : floor[kind] + 1 };
      if (place.atMs !== atMs) floor[kind] = place.atMs;
      lastMs[kind] = Math.max(lastMs[kind], kind === "audio" ? place.atMs + place.durationMs - 1 : place.atMs);
      packets.push(place);
    }
  }
  const plan = { video: only(streams, "video"), audio: only(streams, "audio"), packets };
  return zero === "film" ? padded(plan) : plan;
}

const startOf = (packets: readonly PlacedPacket[]) => packets.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY);

/** The one stream of a kind; segments that differ in what a file says only once do not fit together. */
function only(streams: readonly Stream[], kind: Stream["kind"]): Stream | null {
  const [first, ...others] = streams.filter((stream) => stream.kind === kind);
  for (const other of others) {
    if (saidOnce(other) !== saidOnce(first!))
      throw new UserError(
        "bad-request",
        `This track was recorded in two ways (${first!.codec} and ${other.codec}) that do not fit into one file; take its segments one by one, or the recording's zip.`,
      );
  }
  return first ?? null;
}

/** What a file says once for all its packets. An Opus packet says its channels itself, VP8, VP9, AV1 and H.264 pictures their size. */
function saidOnce({ codec, lengthPrefixed, sampleFormat, sampleRate, channels, extra }: Stream): string {
  const own = codec === "aac" ? Buffer.from(extra ?? []).toString("hex") : lengthPrefixed && extra ? lengthBytesOf(extra) : "";
  return [codec, lengthPrefixed, sampleFormat, own, codec === "opus" ? "" : `${sampleRate}×${channels}`].join(" ");
}

function placedOf(segment: TrackSegment): PlacedPacket[] {
  const { container, map, soundMap = map, audioShiftMs } = segment;
  const placed: PlacedPacket[] = [];
  let decodable = false;
  let picture: PlacedPacket | null = null;
  for (const packet of container.packets) {
    const rate = container.streams.find(({ number }) => number === packet.stream)?.sampleRate ?? 0;
    const atMs = packet.kind === "audio" ? mapAt(soundMap, packet.mediaMs) + audioShiftMs : mapAt(map, packet.mediaMs);
    if (packet.kind === "audio") {
      placed.push({ segment, packet, atMs, durationMs: rate > 0 ? (packet.samples / rate) * 1000 : 0 });
      continue;
    }
    decodable = packet.key || (decodable && !packet.afterDamage);
    if (!decodable) continue;
    const place: PlacedPacket = { segment, packet, atMs, durationMs: pictureMs };
    if (picture && atMs > picture.atMs && atMs - picture.atMs < pictureMaxMs) picture.durationMs = atMs - picture.atMs;
    picture = place;
    placed.push(place);
  }
  return placed;
}
