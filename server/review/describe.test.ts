import { expect, test } from "vitest";
import type { Source } from "../../protocol/recording.ts";
import type { SegmentRow, TrackRow } from "../store/catalog.ts";
import { describe, type Facts } from "./describe.ts";

const id = (prefix: string, n = 0) => `${prefix}_01k${String(n).padStart(23, "0")}`;

function facts(
  change: {
    durationMs?: number | null;
    quiet?: boolean;
    unreadable?: boolean;
    segments?: SegmentRow[];
    track?: Partial<TrackRow<Source>>;
    segment?: Partial<SegmentRow>;
    film?: Partial<Facts["film"]>;
  } = {},
): Facts {
  const track: TrackRow<Source> = {
    id: id("trk"),
    recordingId: id("rec"),
    participantId: id("par"),
    source: "camera",
    ended: 1,
    lost: 0,
    ...change.track,
  };
  const segment: SegmentRow = { id: id("seg"), trackId: track.id, facts: "{}", sha256: "0".repeat(64), refusal: null, ...change.segment };
  const timed = {
    id: segment.id,
    file: "tracks/x/y.webm",
    mimeType: "video/webm",
    bytes: 2_500_000,
    sealed: true,
    sha256: segment.sha256,
    map: [{ mediaMs: 0, atMs: 100 }],
    audioShiftMs: 0,
    startMs: 100,
    endMs: 5000,
  };
  const durationMs = change.durationMs === undefined ? 5000 : change.durationMs;
  return {
    recording: { id: id("rec"), roomId: id("room"), startedAt: 0, zeroMs: 0, epoch: "e", durationMs },
    room: { id: id("room"), name: "Practice", generation: 1, createdAt: 0, keepWhispers: 0 },
    tracks: [track],
    segments: change.segments ?? [segment],
    people: [{ id: id("par"), roomId: id("room"), name: "Asha", role: "host", consentedAt: 1 }],
    pauses: [],
    timeline: {
      version: 1,
      recordingId: id("rec"),
      roomId: id("room"),
      roomName: "Practice",
      startedAt: "",
      durationMs,
      tracks: [
        {
          id: track.id,
          participant: { id: id("par"), name: "Asha" },
          source: "camera",
          clock: { offsetMs: 100, driftPpm: 0, uncertaintyMs: 4 },
          gaps: [],
          segments: segment.refusal || change.segments ? [] : [timed],
        },
      ],
    },
    quiet: new Set(change.quiet ? [segment.id] : []),
    unreadable: new Set(change.unreadable ? [segment.id] : []),
    film: { state: "ready", watermarkMs: 5000, readyAt: "2026-11-22T00:00:00Z", problems: [], troubles: [], windows: 2, ...change.film },
    elapsedMs: 7000,
  };
}

const state = (change: Parameters<typeof facts>[0]) => describe(facts(change), (path) => path).state;

test("a recording's state follows from its rows and its film", () => {
  expect(state({ durationMs: null, track: { ended: 0 } })).toBe("recording");
  expect(state({ track: { ended: 0 } })).toBe("uploading");
  expect(state({ segment: { sha256: null } })).toBe("uploading");
  expect(state({ film: { state: "growing" } })).toBe("composing");
  expect(state({})).toBe("ready");
  expect(state({ film: { state: "failed" } })).toBe("failed");
});

test("a track that was given up on makes the recording partial, and the words say who, how much and what to do", () => {
  const shown = describe(facts({ track: { ended: 0, lost: 1 }, segment: { sha256: null } }), (path) => path);
  expect(shown.state).toBe("partial");
  expect(shown.tracks[0]?.state).toBe("partial");
  expect(shown.problems.join()).toContain("Asha's camera: 2.5 MB are here, the rest did not arrive.");
  expect(shown.troubles).toEqual([{ kind: "lost", name: "Asha", source: "camera", bytes: 2_500_000 }]);
});

test("refused bytes are a problem in the sentence that refused them, and nothing usable is a failure", () => {
  const shown = describe(facts({ segment: { sha256: null, refusal: "This is a text file." } }), (path) => path);
  expect(shown.state).toBe("failed");
  expect(shown.problems).toEqual(["Asha's camera: This is a text file."]);
  expect(shown.troubles).toEqual([{ kind: "refused", name: "Asha", source: "camera" }]);
});

test("a track is safe only once its bytes and times are those of the seal", () => {
  const sealed = facts();
  const track = sealed.timeline?.tracks[0];
  if (track?.segments[0]) track.segments[0] = { ...track.segments[0], sealed: false };
  expect(describe(sealed, (path) => path).tracks[0]?.state).toBe("uploading");
  expect(describe(facts(), (path) => path).tracks[0]?.state).toBe("safe");
});

test("the film's URL is there only when the film is, and every URL goes through the signer", () => {
  const sign = (path: string) => `https://rec.example${path}?token=t`;
  expect(describe(facts({ film: { state: "growing" } }), sign).composition.videoUrl).toBeNull();
  const shown = describe(facts(), sign);
  for (const url of [
    shown.composition.videoUrl,
    shown.composition.playlistUrl,
    shown.composition.audioUrl,
    shown.composition.posterUrl,
    shown.composition.thumbnailsUrl,
    shown.composition.thumbnails?.url,
    shown.tracks[0]?.mediaUrl,
    shown.tracks[0]?.pictureUrl,
    shown.tracks[0]?.flacUrl,
    shown.tracks[0]?.wavUrl,
    shown.tracks[0]?.peaksUrl,
    shown.tracks[0]?.rawUrl.replace("&aligned=0", ""),
    shown.tracks[0]?.segments[0]?.mediaUrl,
  ])
    expect(url).toMatch(/^https:\/\/rec\.example\/api\/v1\/.*\?token=t$/);
});

test("pictures of the film are told of as soon as there is one", () => {
  const none = describe(facts({ durationMs: null, film: { state: "waiting", windows: 0 } }), (path) => path).composition;
  expect([none.posterUrl, none.thumbnails, none.thumbnailsUrl]).toEqual([null, null, null]);
  const some = describe(facts({ durationMs: null, film: { state: "growing", windows: 30 } }), (path) => path).composition;
  expect(some.thumbnails).toMatchObject({ everyMs: 3200, perSheet: 25, count: 30 });
  expect(some.audioUrl).toBeNull();
});

test("while it records, the length is what has passed", () => {
  expect(describe(facts({ durationMs: null }), (path) => path).durationMs).toBe(7000);
});

test("a segment that stopped arriving is named with its time, while the track goes on", () => {
  const shown = describe(facts({ durationMs: null, quiet: true, track: { ended: 0 }, segment: { sha256: null } }), (path) => path);
  expect(shown.tracks[0]?.state).toBe("recording");
  expect(shown.problems).toEqual([
    "Asha's camera: what was recorded from 0:00 on is here up to 0:05 so far. Ask Asha to open the room's link again in the same browser.",
  ]);
  expect(shown.troubles).toEqual([{ kind: "quiet", name: "Asha", source: "camera", fromMs: 100, toMs: 5000 }]);
});

test("somebody who was to be recorded and of whom there is no segment is no success: partial, and the words say who", () => {
  const shown = describe(facts({ segments: [] }), (path) => path);
  expect(shown.tracks[0]?.state).toBe("partial");
  expect(shown.problems).toEqual(["Asha's camera: nothing was recorded."]);
  expect(shown.troubles).toEqual([{ kind: "empty", name: "Asha", source: "camera" }]);
  const running = describe(facts({ durationMs: null, segments: [] }), (path) => path);
  expect(running.tracks[0]?.state).toBe("recording");
  expect(running.problems).toEqual([]);
  // One who asked for a track and sent nothing beside one of whom all is here.
  const both = facts();
  const ben: TrackRow<Source> = {
    id: id("trk", 1),
    recordingId: id("rec"),
    participantId: id("par", 1),
    source: "camera",
    ended: 1,
    lost: 0,
  };
  const people = [...both.people, { id: id("par", 1), roomId: id("room"), name: "Ben", role: "guest" as const, consentedAt: 1 }];
  const beside = describe({ ...both, tracks: [...both.tracks, ben], people }, (path) => path);
  expect(beside.state).toBe("partial");
  expect(beside.tracks.map((track) => track.state)).toEqual(["safe", "partial"]);
  expect(beside.problems).toEqual(["Ben's camera: nothing was recorded."]);
});

test("a segment that the disk will not give back is told in words, and its track is not called safe", () => {
  const shown = describe(facts({ unreadable: true }), (path) => path);
  expect(shown.state).toBe("partial");
  expect(shown.problems).toEqual([
    "Asha's camera: the server cannot read a part of it back from its disk. The file is kept there; the film goes on without it.",
  ]);
  expect(shown.troubles).toEqual([{ kind: "unreadable", name: "Asha", source: "camera" }]);
});

test("what is wrong with the film stands behind what is wrong with tracks, in words and as facts alike", () => {
  const absent = { kind: "absent", name: "Asha", fromMs: 0, toMs: 3200 } as const;
  const film = { problems: ["Asha is missing from 0:00 to 0:03: it stops the composing process."], troubles: [absent] };
  const shown = describe(facts({ film, unreadable: true }), (path) => path);
  expect(shown.problems[1]).toBe(film.problems[0]);
  expect(shown.troubles.map(({ kind }) => kind)).toEqual(["unreadable", "absent"]);
  const nothing = describe({ ...facts({ segments: [] }), tracks: [] }, (path) => path);
  expect([nothing.problems, nothing.troubles]).toEqual([["Nothing was recorded: no browser sent any media."], [{ kind: "nothing" }]]);
});
