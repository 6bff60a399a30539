import fc from "fast-check";
import { expect, test } from "vitest";
import type { TimelineSegment, TimelineTrack } from "../../protocol/timeline.ts";
import { otioOf, stretchesOf } from "./otio.ts";

const pictureMs = 1000 / 30;
const id = (prefix: string, last: string) => `${prefix}_${last.padStart(26, "0")}`;

function segment(startMs: number, endMs: number, more: Partial<TimelineSegment> = {}): TimelineSegment {
  const map = [{ mediaMs: 0, atMs: startMs }];
  const file = `tracks/1-asha-camera/${startMs}.webm`;
  const base = { id: id("seg", String(startMs)), file, mimeType: "video/webm;codecs=vp8,opus", bytes: 1, sealed: true, sha256: null };
  return { ...base, map, audioShiftMs: 0, startMs, endMs, ...more };
}

function track(segments: TimelineSegment[], gaps: TimelineTrack["gaps"] = []): TimelineTrack {
  const clock = { offsetMs: 0, driftPpm: 0, uncertaintyMs: 0 };
  return { id: id("trk", "1"), participant: { id: id("par", "1"), name: "Asha" }, source: "camera", clock, gaps, segments };
}

const short = (of: ReturnType<typeof stretchesOf>) =>
  of.map(({ segment: used, ticks, mediaMs }) => [used?.startMs ?? null, ticks, Math.round(mediaMs)]);

test("clips and gaps fill the recording from its beginning to its end", () => {
  const two = track([segment(1000, 3000), segment(5000, 9000)], [{ fromMs: 6000, toMs: 7000, reason: "damaged" }]);
  expect(short(stretchesOf(two, "Video", 300))).toEqual([
    [null, 30, 0],
    [1000, 60, 0],
    [null, 60, 0],
    [5000, 30, 0],
    [null, 30, 0],
    [5000, 60, 2000],
    [null, 30, 0],
  ]);
});

test("however clocks drift, what is shown is never half a picture off, and clips are not cut for nothing", () => {
  fc.assert(
    fc.property(fc.integer({ min: -300, max: 300 }), fc.double({ min: 0, max: 33, noNaN: true }), (ppm, offset) => {
      const map = [
        { mediaMs: 0, atMs: offset },
        { mediaMs: 3_600_000, atMs: offset + 3_600_000 * (1 + ppm / 1e6) },
      ];
      const ticks = 9000;
      const stretches = stretchesOf(track([segment(0, 400_000, { map })]), "Video", ticks);
      let tick = 0;
      for (const { segment: used, ticks: length, mediaMs } of stretches) {
        for (const at of [0, length - 1]) {
          const wanted = ((tick + at) * pictureMs - offset) / (1 + ppm / 1e6);
          if (used) expect(Math.abs(mediaMs + at * pictureMs - wanted)).toBeLessThan(pictureMs / 2 + 0.01);
        }
        tick += length;
      }
      expect(tick).toBe(ticks);
      // What drifts apart in five minutes, in halves of a picture.
      expect(stretches.length).toBeLessThanOrEqual(3 + Math.ceil((300_000 * Math.abs(ppm)) / 1e6 / (pictureMs / 2)));
    }),
    { numRuns: 30 },
  );
});

test("time that a browser lost is a gap, and sound lies where its own map and its lateness say", () => {
  const lost = [
    { mediaMs: 0, atMs: 0 },
    { mediaMs: 1000, atMs: 1000 },
    { mediaMs: 1033, atMs: 2000 },
    { mediaMs: 9000, atMs: 9967 },
  ];
  expect(short(stretchesOf(track([segment(0, 4000, { map: lost })]), "Video", 120))).toEqual([
    [0, 30, 0],
    [null, 30, 0],
    [0, 60, 1033],
  ]);
  const late = segment(0, 4000, { audioShiftMs: -50, soundMap: [{ mediaMs: 0, atMs: 100 }] });
  const [silence, sound] = stretchesOf(track([late]), "Audio", 120);
  expect(silence).toMatchObject({ segment: null, ticks: 2 });
  expect(sound!.mediaMs).toBeCloseTo(2 * pictureMs - 50, 5);
});

test("everybody has a track of pictures and one of sound against their files, and comments are markers", () => {
  const comment = { recordingId: id("rec", "1"), participantId: null, createdAt: "", reviewerId: null, editedAt: null, deletedAt: null };
  const first = { ...comment, id: id("cmt", "1"), atMs: 1000, endMs: 2000, body: "well said", author: "Kim", version: 1 };
  const mute = { ...track([segment(0, 3000, { mimeType: "video/webm;codecs=vp8" })]), source: "screen" as const };
  const otio = otioOf({
    timeline: {
      version: 1,
      recordingId: id("rec", "1"),
      roomId: id("room", "1"),
      roomName: "Debrief",
      startedAt: "2026-01-02T03:04:05.000Z",
      durationMs: 3000,
      tracks: [track([segment(1000, 3000)]), mute],
    },
    comments: [
      { ...first, marker: "good", parentId: null, resolvedAt: "2026" },
      { ...first, id: id("cmt", "2"), body: "thanks", author: null, marker: null, parentId: first.id, resolvedAt: null },
    ],
    markers: [{ id: "good", name: "Good", colour: "amber" }],
  });
  expect(otio).toMatchObject({
    OTIO_SCHEMA: "Timeline.1",
    name: "Debrief 2026-01-02",
    tracks: {
      OTIO_SCHEMA: "Stack.1",
      markers: [
        {
          OTIO_SCHEMA: "Marker.1",
          name: "Kim: well said",
          color: "ORANGE",
          comment: "Kim: well said\nSomebody: thanks",
          range: { start_time: { value: 30, rate: 30 }, duration: { value: 30, rate: 30 } },
        },
      ],
      children: [
        {
          name: "Asha (camera)",
          kind: "Video",
          children: [
            { OTIO_SCHEMA: "Gap.1", source_range: { duration: { value: 30 } } },
            {
              OTIO_SCHEMA: "Clip.1",
              source_range: { start_time: { value: 0 }, duration: { value: 60, rate: 30 } },
              media_reference: {
                OTIO_SCHEMA: "ExternalReference.1",
                target_url: "tracks/1-asha-camera/1000.webm",
                available_range: { start_time: { value: 0 }, duration: { value: 60, rate: 30 } },
              },
            },
          ],
        },
        { name: "Asha (screen)", kind: "Video" },
        { name: "Asha (camera)", kind: "Audio" },
      ],
    },
  });
});
