// A recording as the API describes it, with its tracks, film and lists. Apart from `api.ts`, which has it all, because the page of a room need not
// load it. No transforms: what is described is what is sent.
import * as z from "zod/mini";
import { Bookmark, ChatMessage } from "./call.ts";
import { bytes, Gap, ms, ParticipantId, RecordingId, RoomId, SegmentId, Sha256, Source, TrackId, TrackState } from "./recording.ts";

import { Clock, Hearing, Pause } from "./timeline.ts";

export const Segment = z.object({
  id: SegmentId,
  mimeType: z.string(),
  bytes,
  sha256: z.nullable(Sha256),
  startMs: ms,
  endMs: ms,
  mediaUrl: z.string(),
});
export type Segment = z.infer<typeof Segment>;

export const Track = z.object({
  id: TrackId,
  participant: z.object({ id: ParticipantId, name: z.string() }),
  source: Source,
  state: TrackState,
  bytes,
  durationMs: ms,
  clock: Clock,
  /** Absent: nobody's hearing said anything certain. */
  hearing: z.optional(Hearing),
  gaps: z.array(Gap),
  segments: z.array(Segment),
  /** One seekable file that begins when the film does: before the track's first media its first picture, and silence in every gap. */
  mediaUrl: z.string(),
  /** The same packets and nothing else, from the track's first media on. */
  rawUrl: z.string(),
  /** As `mediaUrl`, without its sound: to be watched beside the film by whoever may look and not download. */
  pictureUrl: z.string(),
  /** Its sound alone, as long as the film and aligned with it: 48 kHz, 16 bits. */
  flacUrl: z.string(),
  wavUrl: z.string(),
  /** `Peaks`. */
  peaksUrl: z.string(),
});
export type Track = z.infer<typeof Track>;

/** How loud a track is along the film: what a waveform is drawn from. */
export const Peaks = z.object({
  /** Levels in a second. */
  perSecond: z.int(),
  /** From the film's zero on: the loudest 10 ms of each, dB below full scale, 0 to 127 (silence, or nothing known). */
  levels: z.array(z.int()),
});
export type Peaks = z.infer<typeof Peaks>;

/** Small pictures of the film, on sheets of some dozens, one below the other, in order. */
export const Thumbnails = z.object({
  /** Of a sheet (JPEG), after `{sheet}` has been replaced by its number, from 0. */
  url: z.string(),
  /** One picture for so much of the film. */
  everyMs: z.int(),
  perSheet: z.int(),
  /** How many there are so far; the last sheet has the rest. */
  count: z.int(),
  width: z.int(),
  height: z.int(),
});
export type Thumbnails = z.infer<typeof Thumbnails>;

export const Composition = z.object({
  state: z.enum(["waiting", "growing", "ready", "failed"]),
  watermarkMs: ms,
  playlistUrl: z.string(),
  /** Null until the film is complete. */
  videoUrl: z.nullable(z.string()),
  /** The film's sound alone (M4A); null until the film is complete. */
  audioUrl: z.nullable(z.string()),
  /** A picture of it (JPEG); null while there is nothing to see. */
  posterUrl: z.nullable(z.string()),
  /** Null while there is nothing to see. */
  thumbnails: z.nullable(Thumbnails),
  /** The same as WebVTT, as many players read it. */
  thumbnailsUrl: z.nullable(z.string()),
  /** RFC 3339; null until then. */
  readyAt: z.nullable(z.string()),
});
export type Composition = z.infer<typeof Composition>;

/** Another film of a recording than its own: see `layouts` in the composer. `names`: drawn or not, as the recording's own film unless said. `large`: who is large
 * all the time under "speaker"; else whoever speaks. Also as a query, where everything is text. */
export const FilmChoice = z.object({
  layout: z.enum(["side-by-side", "speaker"]),
  names: z.optional(z.enum(["true", "false"])),
  large: z.optional(ParticipantId),
});
export type FilmChoice = z.infer<typeof FilmChoice>;
/** How such a film stands: "waiting" until the recording's own film is complete. */
export const Film = z.pick(Composition, { state: true, watermarkMs: true, playlistUrl: true, videoUrl: true, readyAt: true });
export type Film = z.infer<typeof Film>;

const whose = { name: z.string(), source: Source };
/** One of a recording's `problems` as facts, for pages that have words of their own. Of a track: "refused" (what came is no recording), "empty" (nothing
 * did), "unreadable" (the disk gives a part not back), "lost" (the rest never came), "quiet" (the rest may still come). Of the film: "absent" (somebody is
 * not in it there), "disk-full", "not-composed" (both are tried again); "nothing": no browser sent any media. */
export const Trouble = z.discriminatedUnion("kind", [
  z.object({ kind: z.enum(["refused", "empty", "unreadable"]), ...whose }),
  z.object({ kind: z.literal("lost"), ...whose, bytes }),
  z.object({ kind: z.literal("quiet"), ...whose, fromMs: ms, toMs: ms }),
  z.object({ kind: z.literal("absent"), name: z.string(), fromMs: ms, toMs: ms }),
  z.object({ kind: z.enum(["disk-full", "not-composed", "nothing"]) }),
]);
export type Trouble = z.infer<typeof Trouble>;

export const RecordingState = z.enum(["recording", "uploading", "composing", "ready", "partial", "failed"]);
export type RecordingState = z.infer<typeof RecordingState>;

export const Recording = z.object({
  id: RecordingId,
  roomId: RoomId,
  roomName: z.string(),
  state: RecordingState,
  startedAt: z.string(),
  durationMs: ms,
  tracks: z.array(Track),
  composition: Composition,
  /** What it was a role play of, and who played what; absent: it was none. */
  scenario: z.optional(
    z.object({
      title: z.string(),
      roles: z.array(z.object({ title: z.string(), participant: z.nullable(z.object({ id: ParticipantId, name: z.string() })) })),
    }),
  ),
  /** When nothing of anybody was recorded, because the host had paused. */
  pauses: z.array(Pause),
  /** Everything of it as one zip; null while it is recorded or still arrives. */
  bundleUrl: z.nullable(z.string()),
  /** What is missing or went wrong, in words. */
  problems: z.array(z.string()),
  /** The same as facts: one for each of `problems`, in their order. */
  troubles: z.array(Trouble),
});
export type Recording = z.infer<typeof Recording>;

export const list = <T extends z.ZodMiniType>(item: T) => z.object({ items: z.array(item), cursor: z.nullable(z.string()) });
export const RecordingList = list(Recording);
/** By time in the recording. */
export const ChatList = list(ChatMessage);
export const BookmarkList = list(Bookmark);
