// The recording as an OpenTimelineIO timeline, for editors: everybody's track, cut where something is missing, and the comments as markers. Pure.
// Shapes: OpenTimelineIO's serialised schemas (opentimelineio.readthedocs.io, "Serialized Data"), in versions that every release since 0.14 reads,
// 0.19 too, which brings a second version of a marker up to its third by the first one's rule, and refuses the file then: hence markers of the first.
// Promise: a picture that is asked for at a tick is the one that was taken then, to half a picture, however much clocks drifted.
import type { Contents } from "../../protocol/bundle.ts";
import type { Marker } from "../../protocol/feedback.ts";
import { mediaAt } from "../../protocol/knees.ts";
import type { Knee, Timeline, TimelineSegment, TimelineTrack } from "../../protocol/timeline.ts";

/** The film's. Durations are whole pictures; where a clip begins in its file may lie between two of the file's. */
const rate = 30;
const pictureMs = 1000 / rate;
/** A clip is cut and put in its place again once it is this far from it: sooner than anybody sees. */
const apartMs = pictureMs / 2;
/** Where a map is steeper, time was lost in the browser: there is nothing to show for it. */
const steep = 1.5;

type Comment = Contents["comments"][number];

export interface OtioInput {
  /** Its files are told as they lie beside the timeline. */
  timeline: Timeline;
  comments: readonly Comment[];
  markers: readonly Marker[];
}

type Kind = "Video" | "Audio";

/** A stretch of a track, in ticks from its beginning; `segment` null: nothing. `mediaMs`: where in the file it begins. */
interface Stretch {
  segment: TimelineSegment | null;
  ticks: number;
  mediaMs: number;
}

export function otioOf({ timeline, comments, markers }: OtioInput): object {
  const ticks = Math.max(1, Math.round((timeline.durationMs ?? 0) / pictureMs));
  const children = (["Video", "Audio"] as const).flatMap((kind) =>
    timeline.tracks.flatMap((track) => {
      const has = track.segments.filter((segment) => holds(segment, kind));
      return has.length === 0 ? [] : [trackOf({ ...track, segments: has }, kind, ticks)];
    }),
  );
  const stack = {
    ...named("Stack.1", timeline.roomName),
    source_range: null,
    effects: [],
    markers: comments
      .filter(({ deletedAt, parentId }) => deletedAt === null && parentId === null)
      .map((one) => markerOf(one, comments, markers)),
    enabled: true,
    children,
  };
  return {
    ...named("Timeline.1", `${timeline.roomName} ${timeline.startedAt.slice(0, 10)}`),
    global_start_time: time(0),
    tracks: stack,
  };
}

function trackOf(track: TimelineTrack, kind: Kind, ticks: number) {
  const name = `${track.participant.name} (${track.source})`;
  return {
    ...named("Track.1", name),
    kind,
    source_range: null,
    effects: [],
    markers: [],
    enabled: true,
    children: stretchesOf(track, kind, ticks).map((stretch) => itemOf(stretch, kind, name)),
  };
}

/** They fill the recording from its first tick to its last. */
export function stretchesOf(track: TimelineTrack, kind: Kind, ticks: number): Stretch[] {
  const out: Stretch[] = [];
  const segments = track.segments.toSorted((a, b) => a.startMs - b.startMs);
  const gaps = track.gaps.toSorted((a, b) => a.fromMs - b.fromMs);
  let next = 0;
  let gap = 0;
  for (let tick = 0; tick < ticks; tick++) {
    const atMs = tick * pictureMs;
    while (next + 1 < segments.length && segments[next + 1]!.startMs <= atMs) next += 1;
    const segment = segments[next];
    while (gap < gaps.length && gaps[gap]!.toMs <= atMs) gap += 1;
    const missing = gap < gaps.length && gaps[gap]!.fromMs <= atMs;
    const mediaMs = segment && !missing && segment.startMs <= atMs && atMs < segment.endMs ? mediaMsOf(segment, kind, atMs) : null;
    add(out, mediaMs === null ? null : segment!, mediaMs ?? 0);
  }
  return out;
}

function add(out: Stretch[], segment: TimelineSegment | null, mediaMs: number): void {
  const last = out.at(-1);
  const goesOn = last?.segment === segment && (segment === null || Math.abs(last!.mediaMs + last!.ticks * pictureMs - mediaMs) <= apartMs);
  if (last && goesOn) last.ticks += 1;
  else out.push({ segment, ticks: 1, mediaMs });
}

/** Null: nothing was recorded at that moment. */
function mediaMsOf(segment: TimelineSegment, kind: Kind, atMs: number): number | null {
  const map = kind === "Audio" ? (segment.soundMap ?? segment.map) : segment.map;
  const heardMs = kind === "Audio" ? atMs - segment.audioShiftMs : atMs;
  const at = map.findIndex((knee) => knee.atMs > heardMs);
  if (at > 0 && slope(map[at - 1]!, map[at]!) > steep) return null;
  const mediaMs = mediaAt(map, heardMs);
  return mediaMs < 0 ? null : mediaMs;
}

function slope(from: Knee, to: Knee): number {
  return to.mediaMs > from.mediaMs ? (to.atMs - from.atMs) / (to.mediaMs - from.mediaMs) : Number.POSITIVE_INFINITY;
}

function itemOf({ segment, ticks, mediaMs }: Stretch, kind: Kind, name: string) {
  const from = segment ? mediaMs / pictureMs : 0;
  const range = rangeOf(from, ticks);
  const item = { source_range: range, effects: [], markers: [], enabled: true };
  if (!segment) return { ...named("Gap.1", ""), ...item };
  // Editors ask for it. The last picture may be shown for longer than it was taken for.
  const pictures = Math.ceil(Math.max(from + ticks, (mediaMsOf(segment, kind, segment.endMs) ?? 0) / pictureMs));
  const reference = { ...named("ExternalReference.1", ""), available_range: rangeOf(0, pictures), target_url: segment.file };
  return { ...named("Clip.1", name), ...item, media_reference: reference };
}

/** What there is in a file by what it is called; where that says no codecs, both may be. */
function holds({ mimeType }: TimelineSegment, kind: Kind): boolean {
  const codecs = /codecs="?([^";]+)/.exec(mimeType)?.[1] ?? "";
  if (kind === "Video") return !mimeType.startsWith("audio/");
  return codecs === "" || /opus|pcm|mp4a|aac|vorbis|flac/i.test(codecs);
}

/** OpenTimelineIO knows these names of colours. */
const colours: Record<string, string> = { blue: "BLUE", green: "GREEN", amber: "ORANGE", red: "RED", violet: "PURPLE", teal: "CYAN" };

function markerOf(first: Comment, comments: readonly Comment[], markers: readonly Marker[]) {
  const kind = markers.find(({ id }) => id === first.marker);
  const said = ({ author, body, attachment }: Comment) =>
    `${author ?? "Somebody"}: ${[body, attachment && `[${attachment.kind} message]`].filter(Boolean).join(" ")}`;
  const replies = comments.filter(({ parentId, deletedAt }) => parentId === first.id && deletedAt === null);
  const from = Math.round(first.atMs / pictureMs);
  const to = Math.max(from + 1, Math.round((first.endMs ?? first.atMs) / pictureMs));
  return {
    ...named("Marker.1", said(first)),
    color: colours[kind?.colour ?? ""] ?? "YELLOW",
    comment: [first, ...replies].map(said).join("\n"),
    range: rangeOf(from, to - from),
    metadata: { doubletake: { marker: kind?.name ?? null, resolved: first.resolvedAt !== null } },
  };
}

function named(schema: string, name: string) {
  return { OTIO_SCHEMA: schema, name, metadata: {} };
}

/** To a thousandth of a picture, which is what clocks are known to at best. */
function time(pictures: number) {
  return { OTIO_SCHEMA: "RationalTime.1", rate, value: Math.round(pictures * 1000) / 1000 };
}

function rangeOf(start: number, duration: number) {
  return { OTIO_SCHEMA: "TimeRange.1", start_time: time(start), duration: time(duration) };
}
