// A recording's tracks, as facts and bytes → the timeline, and how far each track is here. Pure; what it remembers only saves work.
// Promise: with the timeline and the segments' bytes the film can be made again.
import type { ChunkFacts, ClockSample, Gap, SegmentFacts, SegmentReason, Source } from "../../protocol/recording.ts";

import type { Clock, Timeline, TimelineSegment, TimelineTrack } from "../../protocol/timeline.ts";
import { type Extent, extentOf, type Media } from "./extent.ts";
import { atMsOf, atMsOfBrowser, mapOf, type Origin, type SegmentMap } from "./map.ts";

export interface SegmentInput {
  id: string;
  /** Relative to the recording's folder. */
  file: string;
  mimeType: string;
  bytes: number;
  sealed: boolean;
  /** Nothing of it has arrived for longer than people are waited for. */
  quiet: boolean;
  sha256: string | null;
  facts: SegmentFacts;
  /** In order of `sequence`; only chunks whose bytes are all here count. */
  chunks: readonly ChunkFacts[];
  samples: readonly ClockSample[];
  /** The same object each time: what was made of it is remembered by it. */
  media: Media;
}

export interface TrackInput {
  id: string;
  participant: { id: string; name: string };
  source: Source;
  /** File with the name as it is drawn; null or absent: none. */
  plate?: string | null;
  segments: readonly SegmentInput[];
  /** Taken off its times: what the others heard proved its clock wrong by. */
  correctionMs?: number;
  /** No more bytes will come: ended, or given up on. */
  closed: boolean;
  /** Given up with bytes missing. */
  lost: boolean;
  /** Nothing at all has arrived for longer than people are waited for; it may go on at any time. */
  quiet: boolean;
}

export interface RecordingInput {
  id: string;
  roomId: string;
  roomName: string;
  /** RFC 3339. */
  startedAt: string;
  /** Record was pressed: on the server's monotonic clock that `epoch` names. */
  zeroMs: number;
  epoch: string;
  durationMs: number | null;
  tracks: readonly TrackInput[];
}

/** A stream that went quiet holds nothing back for longer than this after a chunk's event: encoders deliver within it. */
const deliveryMaxMs = 1500;
/** Where a recorder says that it ran and had nothing new: what it did not deliver within this is not on its way. Longer than above, because there
 * is no other stream to tell an encoder that starves from a picture that stands still. */
const stillDeliveryMs = 5000;
/** Readings that do not come (the element that gives them was stopped) hold nothing back for longer than this. */
const settleMaxMs = 3000;
/** Between two segments, less is no gap: a picture lasts about that long. */
const gapMinMs = 50;
/** A recorder keeps less than this to itself when it is stopped; a starved one may lose more, and its file does not show it. */
const tailMaxMs = 500;
/** What the last picture of a segment is shown for. */
const pictureMs = 33;

interface Placed extends SegmentMap {
  startMs: number;
  endMs: number;
  coveredMs: number;
  gaps: Gap[];
}

export function timelineOf(input: RecordingInput): Timeline {
  const origin = originOf(input);
  return {
    version: 1,
    recordingId: input.id,
    roomId: input.roomId,
    roomName: input.roomName,
    startedAt: input.startedAt,
    durationMs: input.durationMs,
    tracks: input.tracks.map((track) => trackOf(track, correctedBy(origin, track), input.durationMs)),
  };
}

/** Recording time up to which this track is here; Infinity when nothing more will come, or when the others do not wait for it any longer. */
export function coveredMs(track: TrackInput, recording: Pick<RecordingInput, "zeroMs" | "epoch" | "startedAt">): number {
  if (track.closed || track.quiet) return Number.POSITIVE_INFINITY;
  const origin = correctedBy(originOf(recording), track);
  let endMs = 0;
  let openMs = Number.POSITIVE_INFINITY;
  for (const segment of track.segments) {
    const placed = placedOf(segment, origin);
    if (!segment.sealed && !segment.quiet) {
      // Until its browser's clock was compared once, nobody can say where it lies.
      const dated = segment.samples.some((sample) => sample.epoch !== "");
      const stillMs = dated ? stillUntilMs(segment, origin) : null;
      const hereMs = (dated && placed?.coveredMs) || endMs;
      openMs = Math.min(openMs, stillMs === null ? hereMs : Math.max(hereMs, stillMs - stillDeliveryMs));
    }
    if (placed) endMs = Math.max(endMs, placed.endMs);
  }
  return Number.isFinite(openMs) ? openMs : endMs;
}

/** The watermark: no later than `elapsedMs`, where the recording's own clock is known to stand. */
export function watermarkOf(covered: Iterable<number>, elapsedMs = Number.POSITIVE_INFINITY): number {
  let watermarkMs = elapsedMs;
  for (const each of covered) watermarkMs = Math.min(watermarkMs, each);
  return Math.max(0, watermarkMs);
}

function originOf({ zeroMs, epoch, startedAt }: Pick<RecordingInput, "zeroMs" | "epoch" | "startedAt">): Origin {
  return { zeroMs, epoch, startedAtMs: Date.parse(startedAt) };
}

function correctedBy({ zeroMs, epoch, startedAtMs }: Origin, { correctionMs = 0 }: TrackInput): Origin {
  return { zeroMs: zeroMs + correctionMs, epoch, startedAtMs: startedAtMs + correctionMs };
}

function trackOf(track: TrackInput, origin: Origin, durationMs: number | null): TimelineTrack {
  const placed = track.segments
    .flatMap((segment) => {
      const place = placedOf(segment, origin);
      return place ? [{ segment, place }] : [];
    })
    .sort((a, b) => a.place.startMs - b.place.startMs);
  const gaps: Gap[] = [];
  let endMs: number | null = null;
  for (const { segment, place } of placed) {
    if (endMs !== null && place.startMs - endMs >= gapMinMs)
      gaps.push({ fromMs: endMs, toMs: place.startMs, reason: gapReasons[segment.facts.reason ?? "rejoined"] });
    gaps.push(...place.gaps);
    endMs = Math.max(endMs ?? 0, place.endMs);
  }
  const tail = durationMs === null ? null : tailOf(placed.at(-1), origin, durationMs);
  if (tail) gaps.push(tail);
  if (track.lost && durationMs !== null && (endMs ?? 0) < durationMs) gaps.push({ fromMs: endMs ?? 0, toMs: durationMs, reason: "lost" });
  const clock = worstOf(placed.map(({ place }) => place.clock));
  return {
    id: track.id,
    participant: track.participant,
    source: track.source,
    ...(track.plate ? { plate: track.plate } : {}),
    clock,
    gaps,
    segments: placed.map(({ segment, place }, index) => {
      // The person was there until then, and the film holds their last picture.
      const endMs = tail && index === placed.length - 1 ? tail.toMs : place.endMs;
      return segmentOf(segment, { ...place, endMs }, origin);
    }),
  };
}

/** What the track's last recorder lost between the last that it delivered and the moment it was stopped. */
function tailOf(last: { segment: SegmentInput; place: Placed } | undefined, origin: Origin, durationMs: number): Gap | null {
  if (!last?.segment.sealed) return null;
  const { segment, place } = last;
  const ran = segment.samples.findLast((sample) => sample.bytes !== undefined);
  const ranMs = ran ? atMsOfBrowser(segment.samples, origin, ran.receivedMs) : null;
  const toMs = Math.round(Math.min(ranMs ?? place.endMs, durationMs));
  return toMs - place.endMs > tailMaxMs ? { fromMs: place.endMs, toMs, reason: "slip" } : null;
}

/** Offset and drift of the first segment; what is uncertain of any of them. */
function worstOf(clocks: readonly Clock[]): Clock {
  const { offsetMs, driftPpm } = clocks[0] ?? { offsetMs: 0, driftPpm: 0 };
  const uncertaintyMs = clocks.reduce((most, clock) => Math.max(most, clock.uncertaintyMs), 0);
  const doubts = [...new Set(clocks.flatMap((clock) => clock.doubts ?? []))];
  return { offsetMs, driftPpm, uncertaintyMs, ...(doubts.length > 0 ? { doubts } : {}) };
}

/** Why there was nothing before a segment that is not the track's first. */
const gapReasons: Record<SegmentReason, Gap["reason"]> = {
  start: "rejoined",
  rejoined: "rejoined",
  device: "device",
  watchdog: "device",
  slip: "slip",
  paused: "paused",
  // The one before runs on until it has begun; only a device that stood still meanwhile leaves a gap.
  fresh: "slip",
};

/** Until when a segment's recorder is known to have run with nothing to add to its picture, as far as the bytes it had by then are here: what is
 * still on its way may be other pictures. Null when something else tells, as sound does. */
function stillUntilMs({ media, samples, bytes }: SegmentInput, origin: Origin): number | null {
  if (media.streams.some((stream) => stream.kind === "audio")) return null;
  const last = samples.findLast((sample) => sample.bytes !== undefined && sample.bytes <= bytes);
  return last ? atMsOfBrowser(samples, origin, last.receivedMs) : null;
}

function segmentOf(segment: SegmentInput, place: Placed, origin: Origin): TimelineSegment {
  const { id, file, mimeType, bytes, sealed, sha256 } = segment;
  const { map, soundMap, audioShiftMs, startMs, endMs } = place;
  const off = offOf(segment, place, origin);
  return {
    id,
    file,
    mimeType,
    bytes,
    sealed,
    sha256,
    map,
    ...(soundMap ? { soundMap } : {}),
    audioShiftMs,
    startMs,
    endMs,
    ...(off.length > 0 ? { off } : {}),
  };
}

/** A camera that is found off this soon after its segment's beginning was off when it began: the browser tells once the recorder runs. */
const offFromStartMs = 1000;

/** The spans in which the camera was off, as its browser told. */
function offOf({ samples }: SegmentInput, { startMs, endMs }: Placed, origin: Origin): NonNullable<TimelineSegment["off"]> {
  const off: NonNullable<TimelineSegment["off"]> = [];
  let open: { fromMs: number; toMs: number | null } | null = null;
  for (const { camera, receivedMs } of samples) {
    if (camera === undefined || camera === (open === null)) continue;
    const atMs = Math.round(Math.min(endMs, Math.max(startMs, atMsOfBrowser(samples, origin, receivedMs))));
    if (open) open.toMs = atMs;
    else off.push({ fromMs: atMs - startMs < offFromStartMs ? startMs : atMs, toMs: null });
    open = open ? null : (off.at(-1) ?? null);
  }
  return off;
}

const remembered = new WeakMap<Media, { key: string; place: Placed }>();

/** Null while a segment has no packets. */
function placedOf(segment: SegmentInput, origin: Origin): Placed | null {
  const { media, chunks, samples } = segment;
  const count = media.packets.length;
  if (count === 0) return null;
  const key = [count, segment.bytes, chunks.length, samples.length, origin.zeroMs, origin.epoch, origin.startedAtMs].join(" ");
  const known = remembered.get(media);
  if (known?.key === key) return known.place;
  const extent = extentOf(media);
  const here = chunks.filter((chunk) => chunk.endOffset <= segment.bytes);
  const mapped = mapOf(segment.facts, here, samples, media.packets, origin);
  const last = here.at(-1);
  const lastEventAtMs = last ? atMsOfBrowser(samples, origin, last.eventMs) : null;
  const span = spanOf(extent, mapped, lastEventAtMs);
  const endMs = Math.max(span.endMs, Math.round(stillUntilMs(segment, origin) ?? span.endMs));
  const coveredMs = segment.sealed ? span.coveredMs : settledMs(span.coveredMs, mapped);
  const place = { ...mapped, ...span, endMs, coveredMs, gaps: [...mapped.slips, ...holesOf(extent, mapped)] };
  remembered.set(media, { key, place });
  return place;
}

/** No further than the map is sure to stay, as far as that can be waited for. */
function settledMs(coveredMs: number, { map, settledMediaMs }: SegmentMap): number {
  if (settledMediaMs === Number.POSITIVE_INFINITY) return coveredMs;
  return Math.min(coveredMs, Math.max(atMsOf(map, settledMediaMs), coveredMs - settleMaxMs));
}

function spanOf(
  extent: Extent,
  { map, soundMap = map, audioShiftMs }: SegmentMap,
  lastEventAtMs: number | null,
): Pick<Placed, "startMs" | "endMs" | "coveredMs"> {
  const video = (mediaMs: number | null) => (mediaMs === null ? [] : [atMsOf(map, mediaMs)]);
  const audio = (mediaMs: number | null) => (mediaMs === null ? [] : [atMsOf(soundMap, mediaMs) + audioShiftMs]);
  const lasts = [...video(extent.lastVideoMs), ...audio(extent.lastAudioMs)];
  const both = Math.min(...lasts);
  // Past the last of any stream nothing is here, however late the event came.
  const delivered = lastEventAtMs === null ? both : Math.min(lastEventAtMs - deliveryMaxMs, Math.max(...lasts));
  const startMs = Math.round(Math.min(...video(extent.firstVideoMs), ...audio(extent.firstAudioMs)));
  const endMs = Math.round(Math.max(...video(extent.lastVideoMs).map((at) => at + pictureMs), ...audio(extent.lastAudioMs)));
  return { startMs, endMs: Math.max(startMs, endMs), coveredMs: Math.max(both, delivered) };
}

function holesOf(extent: Extent, { map }: SegmentMap): Gap[] {
  return extent.holes.map(({ fromMediaMs, toMediaMs }) => ({
    fromMs: Math.round(atMsOf(map, fromMediaMs)),
    toMs: Math.round(atMsOf(map, toMediaMs)),
    reason: "damaged",
  }));
}
