import fc from "fast-check";
import { expect, test } from "vitest";
import { Inspection } from "./inspection.ts";
import { cluster, mp4Segment, opus60ms, webmHead, webmSegment } from "./media.fixture.ts";

function inspected(bytes: Uint8Array, pieceBytes = bytes.length || 1) {
  const inspection = new Inspection();
  for (let at = 0; at < bytes.length; at += pieceBytes) inspection.push(bytes.subarray(at, at + pieceBytes));
  return inspection.end();
}

const voice = (seconds: number) =>
  Buffer.concat([
    webmHead({ video: null }),
    ...Array.from({ length: seconds }, (_, second) =>
      cluster(
        second * 1000,
        Array.from({ length: 16 }, (_, index) => ({ track: 2 as const, relativeMs: index * 60, key: true, payload: opus60ms })),
      ),
    ),
  ]);

test("what a voice or a video is, and how long, is counted from its packets, however it arrives", () => {
  const video = webmSegment(3);
  expect(inspected(video)).toEqual({ kind: "video", durationMs: expect.closeTo(3000, -2), bytes: video.length });
  expect(inspected(voice(2))).toEqual({ kind: "voice", durationMs: 1960, bytes: voice(2).length });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: video.length }), (pieceBytes) => {
      expect(inspected(video, pieceBytes)).toEqual(inspected(video));
    }),
    { numRuns: 30 },
  );
});

test("what is nothing a browser of ours records and plays is refused with what it is", () => {
  const refused: [Uint8Array, RegExp][] = [
    [Buffer.from("<!doctype html><script>alert(1)</script>"), /text file/],
    [Buffer.from("ffconcat version 1.0\nfile /etc/passwd"), /text file/],
    [mp4Segment(1), /MP4/],
    [webmSegment(1, { video: { codec: "V_MPEG4/ISO/AVC", width: 640, height: 360 } }), /H264/],
    [webmSegment(1, { audio: { codec: "A_VORBIS", rate: 48_000, channels: 1 } }), /A_VORBIS/],
    [webmSegment(1, { audio: { codec: "A_PCM/INT/LIT", rate: 48_000, channels: 1 } }), /PCM/],
    [webmSegment(1, { video: { codec: "V_VP8", width: 9000, height: 360 } }), /9000/],
    [webmHead(), /neither picture nor sound/],
    [Buffer.alloc(3), /neither picture nor sound/],
    [new Uint8Array(), /neither picture nor sound/],
  ];
  for (const [bytes, words] of refused) {
    expect(() => inspected(bytes), String(words)).toThrow(
      expect.objectContaining({ code: "not-media", message: expect.stringMatching(words) }),
    );
  }
});

test("damage in the middle is not kept, whatever it says", () => {
  const whole = webmSegment(3);
  const torn = Buffer.concat([whole.subarray(0, 1500), Buffer.alloc(400, 0xfe), whole.subarray(1500)]);
  expect(() => inspected(torn)).toThrow(expect.objectContaining({ code: "not-media" }));
});

test("longer than may be is too long, whatever its head says", () => {
  expect(inspected(voice(121)).durationMs).toBeGreaterThan(120_000);
  expect(() => inspected(voice(130))).toThrow(
    expect.objectContaining({ code: "too-large", message: expect.stringContaining("120 seconds") }),
  );
  const far = Buffer.concat([voice(1), cluster(3_600_000, [{ track: 2, relativeMs: 0, key: true, payload: opus60ms }])]);
  expect(() => inspected(far)).toThrow(expect.objectContaining({ code: "too-large" }));
});
