// The nouns: what a recording is made of. Everything here outlives a process, so it is parsed wherever it is read.
// Times are integer milliseconds on the recording's own clock (0 = Record was pressed) unless a name says otherwise.
import * as z from "zod/mini";

export type { ChunkFacts, ClockSample, GraphReading, SegmentFacts, SegmentReason, Sighting } from "./facts.ts";

/** `prefix_` and 26 characters of Crockford base32 (TypeID). Made by whoever creates the thing. */
function id(prefix: string) {
  return z.string().check(z.regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`)));
}
export const RoomId = id("room");
export const ParticipantId = id("par");
export const RecordingId = id("rec");
export const TrackId = id("trk");
export const SegmentId = id("seg");
export type SegmentId = z.infer<typeof SegmentId>;
export const CommentId = id("cmt");
export const MessageId = id("msg");
export const BookmarkId = id("bmk");
export const ReviewerId = id("rev");
export const ShareId = id("shr");
export const CaptionId = id("cap");

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

/** From pressing Pause to pressing Resume: nothing of anybody is recorded, and the recording's clock goes on. `toMs` null: it still is paused. */
export const Pause = z.object({ fromMs: ms, toMs: z.nullable(ms) });
export type Pause = z.infer<typeof Pause>;

/** How a track stands: still growing, over and on its way, all here, or given up on with something missing. */
export const TrackState = z.enum(["recording", "uploading", "safe", "partial"]);
export type TrackState = z.infer<typeof TrackState>;

/** A knee of the piecewise-linear map from a segment's media time to recording time. Between knees: straight line; outside: the first or last slope
 * (1 when there is a single knee). `mediaMs` and `atMs` are fractional. */
export const Knee = z.object({ mediaMs: z.number(), atMs: z.number() });
export type Knee = z.infer<typeof Knee>;

export const TimelineSegment = z.object({
  id: SegmentId,
  /** Relative to the recording's folder. */
  file: z.string(),
  mimeType: z.string(),
  /** Durable bytes when this was written; the file may have grown since. */
  bytes,
  sealed: z.boolean(),
  sha256: z.nullable(Sha256),
  map: z.array(Knee),
  /** The sound's map, where a browser stamps sound and pictures by different clocks; else `map` holds for both. */
  soundMap: z.optional(z.array(Knee)),
  /** Added to the sound's recording time, on top of the map: what the browser stamps late. See `calibration`. */
  audioShiftMs: z.number(),
  startMs: ms,
  endMs: ms,
  /** When its camera was switched off, so that its pictures are black; `toMs` null: until it ends. Absent: never. */
  off: z.optional(z.array(z.object({ fromMs: ms, toMs: z.nullable(ms) }))),
});
export type TimelineSegment = z.infer<typeof TimelineSegment>;

/** Why a track's clock could not be known better. "path": half the round trip, for nobody can see how it divides; "busy": the machine starved, its
 * recorder lost time; "start": when the recorder began could only be guessed; "undated": its clock was never compared with the server's. */
export const Doubt = z.enum(["path", "busy", "start", "undated"]);
export type Doubt = z.infer<typeof Doubt>;

/** `uncertaintyMs`: hardly one picture in a hundred is further off. `doubts`: what makes most of it, where it is much; absent where it is little. */
export const Clock = z.object({
  offsetMs: z.number(),
  driftPpm: z.number(),
  uncertaintyMs: z.number(),
  doubts: z.optional(z.array(Doubt)),
});
export type Clock = z.infer<typeof Clock>;

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

/** What comparing with what the others heard says of a track's place. "confirmed": the same as the clocks; "corrected": moved by `correctionMs`
 * (taken off its times) because the clocks were wrong, or knew it much worse. `uncertaintyMs` of the place it has now. */
export const Hearing = z.object({ verdict: z.enum(["confirmed", "corrected"]), correctionMs: z.number(), uncertaintyMs: z.number() });
export type Hearing = z.infer<typeof Hearing>;

export const TimelineTrack = z.object({
  id: TrackId,
  participant: z.object({ id: ParticipantId, name: z.string() }),
  source: Source,
  /** File with the name and how it is drawn (`NamePlate`), relative to the recording's folder. Absent: there is none. */
  plate: z.optional(z.string()),
  clock: Clock,
  /** Absent: nobody's hearing said anything certain. */
  hearing: z.optional(Hearing),
  gaps: z.array(Gap),
  segments: z.array(TimelineSegment),
});
export type TimelineTrack = z.infer<typeof TimelineTrack>;

/** `timeline.json`: with the segments' bytes, enough to compose the recording again. */
export const Timeline = z.object({
  version: z.literal(1),
  recordingId: RecordingId,
  roomId: RoomId,
  roomName: z.string(),
  /** RFC 3339, for people. */
  startedAt: z.string(),
  /** Null while it records. */
  durationMs: z.nullable(ms),
  tracks: z.array(TimelineTrack),
});
export type Timeline = z.infer<typeof Timeline>;
