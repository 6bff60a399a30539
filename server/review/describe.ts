// How a recording stands, as the API tells it: derived from its rows, its timeline and its film, stored nowhere.
import type { Recording, RecordingState, Track, Trouble } from "../../protocol/api.ts";
import { thumbnailSize, thumbnailsPerSheet, windowMs } from "../../protocol/film.ts";
import type { Source } from "../../protocol/recording.ts";
import type { Timeline, TimelineTrack } from "../../protocol/timeline.ts";
import type { ParticipantRow, PauseRow, RecordingRow, RoomRow, SegmentRow, TrackRow } from "../store/catalog.ts";
import type { SceneRow } from "../store/plays.ts";
import { sceneOf } from "./scenes.ts";

export interface Film {
  state: "waiting" | "growing" | "ready" | "failed";
  watermarkMs: number;
  readyAt: string | null;
  /** In words; and the same as facts, one for each. */
  problems: string[];
  troubles: Trouble[];
  /** So many windows are there, each with its thumbnail. */
  windows: number;
}

export interface Facts {
  recording: RecordingRow;
  room: RoomRow;
  tracks: TrackRow<Source>[];
  segments: SegmentRow[];
  people: ParticipantRow[];
  pauses: PauseRow[];
  scene?: SceneRow | undefined;
  /** Null before anything was aligned. */
  timeline: Timeline | null;
  /** Segments that stopped arriving before they were complete. */
  quiet: ReadonlySet<string>;
  /** Segments that the disk would not give back, or only in part. */
  unreadable: ReadonlySet<string>;
  film: Film;
  /** Recording time now, while it records. */
  elapsedMs: number;
}

/** Makes a media path into a URL that works as it is. */
export type Sign = (path: string) => string;

/** `signBundle`: for the address of the bundle, which may be worth more to the host. */
export function describe(facts: Facts, sign: Sign, signBundle: Sign = sign): Recording {
  const { recording, room, film } = facts;
  const tracks = facts.tracks.map((row) => describeTrack(facts, row, sign));
  const found = facts.tracks.flatMap((row) => problemsOf(facts, row));
  const state = stateOf(facts, tracks);
  if (state === "failed" && found.length + film.problems.length === 0)
    found.push({ words: "Nothing was recorded: no browser sent any media.", trouble: { kind: "nothing" } });
  const base = `/api/v1/recordings/${recording.id}`;
  return {
    id: recording.id,
    roomId: recording.roomId,
    roomName: room.name,
    state,
    startedAt: new Date(recording.startedAt).toISOString(),
    durationMs: Math.round(recording.durationMs ?? facts.elapsedMs),
    tracks,
    composition: {
      state: film.state,
      watermarkMs: Math.round(film.watermarkMs),
      playlistUrl: sign(`${base}/playlist.m3u8`),
      videoUrl: film.state === "ready" ? sign(`${base}/video.mp4`) : null,
      audioUrl: film.state === "ready" ? sign(`${base}/audio.m4a`) : null,
      posterUrl: film.windows > 0 ? sign(`${base}/poster.jpg`) : null,
      thumbnails:
        film.windows > 0
          ? {
              url: sign(`${base}/thumbnails/{sheet}.jpg`),
              everyMs: windowMs,
              perSheet: thumbnailsPerSheet,
              count: film.windows,
              ...thumbnailSize,
            }
          : null,
      thumbnailsUrl: film.windows > 0 ? sign(`${base}/thumbnails.vtt`) : null,
      readyAt: film.readyAt,
    },
    ...(facts.scene ? { scenario: sceneOf(facts.scene) } : {}),
    // Stopped in a pause: nothing of it is left.
    pauses: facts.pauses.filter(({ fromMs, toMs }) => toMs === null || toMs > fromMs).map(({ fromMs, toMs }) => ({ fromMs, toMs })),
    bundleUrl: state === "recording" || state === "uploading" ? null : signBundle(`${base}/bundle`),
    problems: [...found.map(({ words }) => words), ...film.problems],
    troubles: [...found.map(({ trouble }) => trouble), ...film.troubles],
  };
}

function stateOf(facts: Facts, tracks: Track[]): RecordingState {
  if (facts.recording.durationMs === null) return "recording";
  if (tracks.some((track) => track.state === "uploading" || track.state === "recording")) return "uploading";
  // A sealed segment counts before it was aligned: alignment follows the last byte by a moment.
  const sealed = facts.segments.some((segment) => segment.sha256 !== null && segment.refusal === null);
  const media = sealed || tracks.some((track) => track.segments.some((segment) => segment.bytes > 0));
  if (!media || facts.film.state === "failed") return "failed";
  if (facts.film.state !== "ready") return "composing";
  return tracks.some((track) => track.state === "partial") ? "partial" : "ready";
}

function describeTrack(facts: Facts, row: TrackRow<Source>, sign: Sign): Track {
  const timed = facts.timeline?.tracks.find((track) => track.id === row.id);
  const segments = segmentsOf(facts, row, timed, sign);
  const ends = timed?.segments.map((segment) => segment.endMs) ?? [];
  const starts = timed?.segments.map((segment) => segment.startMs) ?? [];
  return {
    id: row.id,
    participant: { id: row.participantId, name: nameOf(facts, row) },
    source: row.source,
    state: trackState(facts, row),
    bytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
    durationMs: ends.length > 0 ? Math.max(0, Math.max(...ends) - Math.min(...starts)) : 0,
    clock: timed?.clock ?? { offsetMs: 0, driftPpm: 0, uncertaintyMs: 0 },
    ...(timed?.hearing ? { hearing: timed.hearing } : {}),
    gaps: timed?.gaps ?? [],
    segments,
    mediaUrl: sign(`/api/v1/tracks/${row.id}/media`),
    rawUrl: `${sign(`/api/v1/tracks/${row.id}/media`)}&aligned=0`,
    pictureUrl: sign(`/api/v1/tracks/${row.id}/picture`),
    flacUrl: sign(`/api/v1/tracks/${row.id}/audio.flac`),
    wavUrl: sign(`/api/v1/tracks/${row.id}/audio.wav`),
    peaksUrl: sign(`/api/v1/tracks/${row.id}/peaks`),
  };
}

function segmentsOf(facts: Facts, row: TrackRow<Source>, timed: TimelineTrack | undefined, sign: Sign): Track["segments"] {
  return (timed?.segments ?? []).map((segment) => ({
    id: segment.id,
    mimeType: segment.mimeType,
    bytes: segment.bytes,
    sha256: facts.segments.find((known) => known.id === segment.id && known.trackId === row.id)?.sha256 ?? null,
    startMs: segment.startMs,
    endMs: segment.endMs,
    mediaUrl: sign(`/api/v1/segments/${segment.id}/media`),
  }));
}

function trackState(facts: Facts, row: TrackRow<Source>): Track["state"] {
  if (row.lost) return "partial";
  const mine = facts.segments.filter((segment) => segment.trackId === row.id);
  if (mine.some((segment) => segment.refusal || facts.unreadable.has(segment.id))) return "partial";
  // It was asked for once there was something to record: a recorder that never began.
  if (mine.length === 0 && row.ended) return facts.recording.durationMs === null ? "recording" : "partial";
  // The timeline follows a moment after the seal; until it has, bytes and times shown here would be of before.
  const seen = facts.timeline?.tracks.find((track) => track.id === row.id)?.segments ?? [];
  if (row.ended && mine.every((segment) => segment.sha256) && seen.every((segment) => segment.sealed)) return "safe";
  return facts.recording.durationMs === null ? "recording" : "uploading";
}

interface Found {
  words: string;
  trouble: Trouble;
}

function problemsOf(facts: Facts, row: TrackRow<Source>): Found[] {
  const name = nameOf(facts, row);
  const whose = { name, source: row.source };
  const what = row.source === "screen" ? `${name}'s screen` : `${name}'s camera`;
  const problem = (trouble: Trouble, words: string): Found => ({ trouble, words: `${what}: ${words}` });
  const mine = facts.segments.filter((segment) => segment.trackId === row.id);
  const refusals = mine.flatMap(({ refusal }) => (refusal ? [problem({ kind: "refused", ...whose }, refusal)] : []));
  const timed = facts.timeline?.tracks.find((track) => track.id === row.id)?.segments ?? [];
  // What was refused is not on its way, and nothing else of the track is.
  if (refusals.length > 0 && mine.every((segment) => segment.sha256 || segment.refusal)) return refusals;
  const wayBack = `Ask ${name} to open the room's link again in the same browser.`;
  if (row.lost) {
    const bytes = timed.reduce((sum, segment) => sum + segment.bytes, 0);
    const here = bytes > 0 ? `${(bytes / 1e6).toFixed(1)} MB are here, the rest did not arrive.` : "nothing arrived.";
    return [...refusals, problem({ kind: "lost", ...whose, bytes }, `${here} ${wayBack}`)];
  }
  if (mine.length === 0 && row.ended && facts.recording.durationMs !== null)
    return [problem({ kind: "empty", ...whose }, "nothing was recorded.")];
  const unreadable = problem(
    { kind: "unreadable", ...whose },
    "the server cannot read a part of it back from its disk. The file is kept there; the film goes on without it.",
  );
  const stuck = timed.filter((segment) => facts.quiet.has(segment.id));
  const parts = stuck.map(({ startMs: fromMs, endMs: toMs }) =>
    problem(
      { kind: "quiet", ...whose, fromMs, toMs },
      `what was recorded from ${clock(fromMs)} on is here up to ${clock(toMs)} so far. ${wayBack}`,
    ),
  );
  return [...refusals, ...(mine.some(({ id }) => facts.unreadable.has(id)) ? [unreadable] : []), ...parts];
}

function clock(atMs: number): string {
  const seconds = Math.max(0, Math.floor(atMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function nameOf(facts: Facts, row: TrackRow<Source>): string {
  return facts.people.find((person) => person.id === row.participantId)?.name ?? "Somebody";
}
