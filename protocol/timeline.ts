// `timeline.json`: when everything of a recording was. Apart from `recording.ts`, because the page of a room need not load it.
// Times are integer milliseconds on the recording's own clock (0 = Record was pressed) unless a name says otherwise.
import * as z from "zod/mini";
import { bytes, Gap, ms, ParticipantId, RecordingId, RoomId, SegmentId, Sha256, Source, TrackId } from "./recording.ts";

/** From pressing Pause to pressing Resume: nothing of anybody is recorded, and the recording's clock goes on. `toMs` null: it still is paused. */
export const Pause = z.object({ fromMs: ms, toMs: z.nullable(ms) });
export type Pause = z.infer<typeof Pause>;

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
