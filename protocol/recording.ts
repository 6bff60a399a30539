// The nouns: what a recording and a call are made of. Everything here outlives a process, so it is parsed wherever it is read.
// Times are integer milliseconds on the recording's own clock (0 = Record was pressed) unless a name says otherwise.
import * as z from "zod/mini";

export type { ChunkFacts, ClockSample, GraphReading, SegmentFacts, SegmentReason, Sighting } from "./facts.ts";

/** `prefix_` and 26 characters of Crockford base32 (TypeID). Made by whoever creates the thing. */
export function id(prefix: string) {
  return z.string().check(z.regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`)));
}
export const RoomId = id("room");
export const ParticipantId = id("par");
export const RecordingId = id("rec");
export const TrackId = id("trk");
export const SegmentId = id("seg");
export type SegmentId = z.infer<typeof SegmentId>;
export const MessageId = id("msg");
export const BookmarkId = id("bmk");

export const ms = z.int();
export const bytes = z.int().check(z.gte(0));
export const Sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
/** What people call themselves. Text, never markup; control characters are refused. */
export const Name = z.string().check(z.trim(), z.minLength(1), z.maxLength(80), z.regex(/^[^\p{Cc}]*$/u));

/** What people write to one another. Text, never markup; of control characters only the end of a line. */
export const ChatText = z.string().check(z.trim(), z.minLength(1), z.maxLength(2000), z.regex(/^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u));

export const Source = z.enum(["camera", "screen"]);
export type Source = z.infer<typeof Source>;

/** What somebody whispers to one other, by whose id it is named: a track of its own, and never on a film. */
export type WhisperSource = `whisper:${string}`;
/** All that a track may be of. */
export type TrackSource = Source | WhisperSource;
const trackSource = z.string().check(z.regex(/^(camera|screen|whisper:par_[0-9a-hjkmnp-tv-z]{26})$/));
export const TrackSource = trackSource as unknown as z.ZodMiniType<TrackSource, TrackSource>;
export const isWhisper = (source: TrackSource): source is WhisperSource => source[0] === "w";

/** Of the recorder's own clock in one `ClockSample`, of either kind. */
export const graphReadingsMax = 256;
/** Of its camera's pictures in one `ClockSample`, and in all of a segment. */
export const sightingsMax = 64;

/** Media that the film must show as missing, and why. */
export const Gap = z.object({ fromMs: ms, toMs: ms, reason: z.enum(["rejoined", "device", "slip", "lost", "damaged", "paused"]) });
export type Gap = z.infer<typeof Gap>;

/** How a track stands: still growing, over and on its way, all here, or given up on with something missing. */
export const TrackState = z.enum(["recording", "uploading", "safe", "partial"]);
export type TrackState = z.infer<typeof TrackState>;

/** Most moments in one `Heard`. */
export const heardMost = 200;

/** How loud another participant sounded in a browser: loudness only, no word of it can be made out. One span of a few seconds. */
export const Heard = z.object({
  of: ParticipantId,
  /** When the first of them was played, on the listening browser's clock; the others `stepsMs` after the one before. */
  fromMs: z.number(),
  stepsMs: z.array(z.int().check(z.gte(0), z.lte(10_000))).check(z.maxLength(heardMost)),
  /** dB below full scale, 127: silence (RFC 6464). One more than `stepsMs`. */
  levels: z.array(z.int().check(z.gte(0), z.lte(127))).check(z.minLength(1), z.maxLength(heardMost)),
  /** How long the sound was held back here before it was played; null: the browser does not say. */
  bufferMs: z.nullable(z.number().check(z.gte(0), z.lte(60_000))),
  /** There and back between the two browsers. */
  roundTripMs: z.nullable(z.number().check(z.gte(0), z.lte(60_000))),
});
export type Heard = z.infer<typeof Heard>;
