// What makes a track's file begin where the film does, and its sound go on without a hole: many editors lay packets end to end and forget their times.
// Pure. Promise: nothing that was recorded is changed or moved.
import type { Stream } from "../align/container.ts";
import type { PlacedPacket, TrackPlan } from "./trackplan.ts";

/** One packet of silence lasts this long. */
const quietMs = 20;
/** Opus (RFC 6716, 3.1): CELT only, fullband, 20 ms, one frame of which nothing is coded. Any number of channels decodes it. */
const opusQuiet = Uint8Array.of(0xf8, 0xff, 0xfe);

export function padded(plan: TrackPlan): TrackPlan {
  const { video, audio } = plan;
  return { video, audio, packets: [...firstPicture(plan.packets), ...withoutHoles(plan.packets, audio)] };
}

/** The first picture, shown from zero on: it can be decoded on its own. */
function firstPicture(packets: readonly PlacedPacket[]): PlacedPacket[] {
  const first = packets.find(({ packet }) => packet.kind === "video");
  return first?.packet.key && first.atMs > 0 ? [{ ...first, atMs: 0, durationMs: first.atMs }] : [];
}

function withoutHoles(packets: readonly PlacedPacket[], audio: Stream | null): PlacedPacket[] {
  const quiet = audio && quietOf(audio);
  if (!quiet) return [...packets];
  const out: PlacedPacket[] = [];
  let atMs = 0;
  for (const place of packets) {
    if (place.packet.kind === "audio") {
      for (; place.atMs - atMs >= quietMs; atMs += quietMs) out.push({ ...place, atMs, durationMs: quietMs, bytes: quiet });
      atMs = Math.max(atMs, place.atMs + place.durationMs);
    }
    out.push(place);
  }
  return out;
}

/** Null: a codec of which silence is not written; its holes stay holes. */
function quietOf({ codec, sampleRate, channels, sampleFormat }: Stream): Uint8Array | null {
  if (codec === "opus") return opusQuiet;
  if (codec !== "pcm" || !sampleFormat) return null;
  const bytes = { s16le: 2, s24le: 3, s32le: 4, f32le: 4 }[sampleFormat];
  return new Uint8Array(Math.round((sampleRate * quietMs) / 1000) * channels * bytes);
}
