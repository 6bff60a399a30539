// What hearing says of each track of an unfinished recording, and the timeline that follows from it.
// Promise: a verdict stands until there is a better one, also over a restart, for it is in the timeline on the disk.
import type { Heard } from "../../protocol/recording.ts";
import type { Clock, Hearing, Timeline } from "../../protocol/timeline.ts";
import type { Disk } from "../store/disk.ts";
import { Ears, type Listener, type VoicePiece } from "./ears.ts";
import { type RecordingInput, type TrackInput, timelineOf } from "./timeline.ts";

/** A verdict that differs by less from the one that stands is the same one: what is composed need not be composed again. */
const sameMs = 8;

export class Verdicts {
  readonly #disk: Disk;
  readonly #ears: Ears;
  readonly #standing = new Map<string, Map<string, Hearing>>();

  constructor(disk: Disk, onTrouble: (track: string, error: unknown) => void) {
    this.#disk = disk;
    this.#ears = new Ears(disk, onTrouble);
  }

  /** Somebody says how somebody else sounded. Passed over unless both are on this room's recording. */
  hear(roomId: string, participantId: string, timeline: Timeline | undefined, heard: Heard): void {
    if (timeline?.roomId !== roomId) return;
    const cameraOf = (id: string) => timeline.tracks.find((track) => track.participant.id === id && track.source === "camera");
    const listener = cameraOf(participantId);
    if (listener && participantId !== heard.of && cameraOf(heard.of)) this.#ears.hear(timeline.recordingId, listener.id, heard);
  }

  loud(recordingId: string, voices: readonly VoicePiece[]): void {
    this.#ears.loud(recordingId, voices);
  }

  /** The timeline by the clocks and by what was heard; and the tracks as it has them. */
  async timeline(input: RecordingInput): Promise<{ timeline: Timeline; tracks: TrackInput[] }> {
    const standing = await this.#of(input.id);
    let tracks = corrected(input, standing);
    let timeline = timelineOf({ ...input, tracks });
    const found = await this.#ears.judge({ ...input, listeners: listenersOf(tracks, timeline) });
    if (found) {
      for (const [track, verdict] of found) {
        const before = standing.get(track);
        const same = before?.verdict === verdict.verdict && Math.abs(before.correctionMs - verdict.correctionMs) < sameMs;
        standing.set(track, same ? { ...verdict, correctionMs: before.correctionMs } : verdict);
      }
      tracks = corrected(input, standing);
      timeline = timelineOf({ ...input, tracks });
    }
    return { timeline: told(timeline, standing), tracks };
  }

  forget(recordingId: string): void {
    this.#standing.delete(recordingId);
    this.#ears.forget(recordingId);
  }

  async #of(recordingId: string): Promise<Map<string, Hearing>> {
    const known = this.#standing.get(recordingId);
    if (known) return known;
    const kept = await this.#disk.readTimeline(recordingId);
    const fresh = new Map(kept?.tracks.flatMap(({ id, hearing }) => (hearing ? [[id, hearing] as const] : [])));
    this.#standing.set(recordingId, fresh);
    return fresh;
  }
}

/** A screen is recorded by the clock of its participant's camera. */
function cameraOf<Track extends Pick<TrackInput, "participant" | "source">>(tracks: readonly Track[], of: Track): Track {
  return tracks.find(({ participant, source }) => source === "camera" && participant.id === of.participant.id) ?? of;
}

function corrected({ tracks }: RecordingInput, standing: ReadonlyMap<string, Hearing>): TrackInput[] {
  return tracks.map((track) => ({ ...track, correctionMs: standing.get(cameraOf(tracks, track).id)?.correctionMs ?? 0 }));
}

function listenersOf(tracks: readonly TrackInput[], timeline: Timeline): Listener[] {
  return tracks.flatMap((track, index) => {
    const placed = timeline.tracks[index];
    if (!placed || track.source !== "camera" || placed.segments.length === 0) return [];
    const clocks = track.segments
      .map(({ facts, samples }) => ({ startMs: facts.startCallMs, samples }))
      .toSorted((a, b) => a.startMs - b.startMs);
    const { correctionMs = 0 } = track;
    const browser = track.segments[0]?.facts.browser ?? "other";
    return [{ track: placed, uncertaintyMs: placed.clock.uncertaintyMs, correctionMs, browser, clocks }];
  });
}

/** With what hearing says of it, and no more uncertain than it is by that. */
function told(timeline: Timeline, standing: ReadonlyMap<string, Hearing>): Timeline {
  const tracks = timeline.tracks.map((track) => {
    const hearing = standing.get(cameraOf(timeline.tracks, track).id);
    if (!hearing) return track;
    return { ...track, hearing, clock: clockBy(hearing, track.clock) };
  });
  return { ...timeline, tracks };
}

function clockBy({ verdict, uncertaintyMs }: Hearing, clock: Clock): Clock {
  // Time lost here and there is not seen by what was heard all along.
  if (clock.doubts?.includes("busy")) return { ...clock, uncertaintyMs: Math.max(clock.uncertaintyMs, uncertaintyMs) };
  if (verdict === "confirmed" && clock.uncertaintyMs <= uncertaintyMs) return clock;
  const { doubts: _, ...known } = clock;
  return { ...known, uncertaintyMs };
}
