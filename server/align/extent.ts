// What of a segment's media is here: first and last times per kind, and holes left by damage. Kept up as packets arrive, so asking is cheap.
import type { Packet, Stream } from "./container.ts";
import type { PacketList } from "./packets.ts";

/** A segment's container, or just its streams and packets. */
export interface Media {
  readonly streams: readonly Stream[];
  /** Only ever grows. */
  readonly packets: PacketList;
}

export interface Extent {
  /** Media times, null while there is none of the kind. `last…`: where the last packet begins (a picture) or ends (sound). */
  firstVideoMs: number | null;
  firstAudioMs: number | null;
  lastVideoMs: number | null;
  lastAudioMs: number | null;
  holes: { fromMediaMs: number; toMediaMs: number }[];
}

interface Counted extends Extent {
  count: number;
}

const known = new WeakMap<Media, Counted>();

/** `media` stands for what `extent` was made of; nothing is added to it. */
export function rememberExtent(media: Media, extent: Extent): void {
  known.set(media, { ...extent, count: media.packets.length });
}

export function extentOf(media: Media): Extent {
  let extent = known.get(media);
  if (!extent || extent.count > media.packets.length) {
    extent = { firstVideoMs: null, firstAudioMs: null, lastVideoMs: null, lastAudioMs: null, holes: [], count: 0 };
    known.set(media, extent);
  }
  const rate = media.streams.find((stream) => stream.kind === "audio")?.sampleRate ?? 48_000;
  for (; extent.count < media.packets.length; extent.count += 1) add(extent, media.packets.at(extent.count)!, rate);
  return extent;
}

function add(extent: Extent, { kind, mediaMs, afterDamage, samples }: Packet, rate: number): void {
  const before = kind === "video" ? extent.lastVideoMs : extent.lastAudioMs;
  if (afterDamage && before !== null && mediaMs > before) extent.holes.push({ fromMediaMs: before, toMediaMs: mediaMs });
  if (kind === "video") {
    extent.firstVideoMs = Math.min(extent.firstVideoMs ?? mediaMs, mediaMs);
    extent.lastVideoMs = Math.max(before ?? mediaMs, mediaMs);
  } else {
    const endMs = mediaMs + (samples / rate) * 1000;
    extent.firstAudioMs = Math.min(extent.firstAudioMs ?? mediaMs, mediaMs);
    extent.lastAudioMs = Math.max(before ?? endMs, endMs);
  }
}
