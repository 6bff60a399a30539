import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from "mediabunny";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UserError } from "../../protocol/errors.ts";
import { Container } from "../align/container.ts";
import { cluster, fragment, mp4Head, mp4Segment, opus60ms, webmHead, webmSegment } from "../align/media.fixture.ts";
import { type TrackSegment, trackExtension, writeTrackFile } from "./track.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "track-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function segment(name: string, bytes: Uint8Array, atMs: number, audioShiftMs = 0): Promise<TrackSegment> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  const container = new Container();
  container.push(bytes);
  return { path, container, map: [{ mediaMs: 0, atMs }], audioShiftMs };
}

async function readBack(path: string) {
  using input = new Input({ formats: ALL_FORMATS, source: new BufferSource(await readFile(path)) });
  const video = await input.getPrimaryVideoTrack();
  const audio = await input.getPrimaryAudioTrack();
  const packets = async (track: typeof video | typeof audio) => {
    const found: { atMs: number; key: boolean; data: Uint8Array }[] = [];
    if (track)
      for await (const { timestamp, type, data } of new EncodedPacketSink(track).packets())
        found.push({ atMs: Math.round(timestamp * 1000), key: type === "key", data });
    return found;
  };
  const mimeType = await input.getMimeType();
  return { mimeType, durationMs: (await input.computeDuration()) * 1000, video: await packets(video), audio: await packets(audio) };
}

test("segments of a track become one seekable file on the recording's clock, from its first media on", async () => {
  const out = join(folder, "vp8.webm");
  const late = await segment("late", webmSegment(2), 10_000, -57);
  await writeTrackFile({ segments: [late, await segment("early", webmSegment(3), 4000, -57)], out });
  const film = await readBack(out);
  expect(film.mimeType).toContain("video/webm");
  expect(Math.abs(film.durationMs - 8057)).toBeLessThan(60);
  expect(film.video).toHaveLength(150);
  expect(film.video.filter((packet) => packet.key).map((packet) => packet.atMs)).toEqual([57, 1057, 2057, 6057, 7057]);
  expect(film.audio.map((packet) => packet.atMs).slice(0, 3)).toEqual([0, 60, 120]);
  const source = [...late.container.packets].filter((packet) => packet.kind === "video");
  const bytes = await readFile(late.path);
  expect(film.video.slice(90).map(({ data }) => Buffer.from(data).toString("hex"))).toEqual(
    source.map(({ offset, size }) => bytes.subarray(offset, offset + size).toString("hex")),
  );
  expect((await readFile(out)).includes(Buffer.from([0x1c, 0x53, 0xbb, 0x6b]))).toBe(true);
  expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("sound whose clock is another than the pictures' is laid by its own map", async () => {
  const out = join(folder, "apart.webm");
  const one = await segment("apart", webmSegment(3), 4000);
  const soundMap = [
    { mediaMs: 0, atMs: 4000 },
    { mediaMs: 1000, atMs: 5000 },
    { mediaMs: 1001, atMs: 5201 },
    { mediaMs: 9000, atMs: 13_200 },
  ];
  await writeTrackFile({ segments: [{ ...one, soundMap }], out });
  const [before, film] = [[...one.container.packets].filter(({ kind }) => kind === "audio"), await readBack(out)];
  expect(film.video.at(-1)!.atMs).toBeLessThan(3000);
  expect(film.audio.at(-1)!.atMs).toBe(Math.round(before.at(-1)!.mediaMs) + 200);
  expect(film.audio[0]!.atMs).toBe(0);
});

test("without its sound a track's file has the same pictures at the same times from the film's beginning on, and no sound", async () => {
  const segments = [await segment("seen", webmSegment(3), 4000, -57)];
  const [whole, silent] = [join(folder, "whole.webm"), join(folder, "silent.webm")];
  await writeTrackFile({ segments, out: whole, zero: "film" });
  await writeTrackFile({ segments, out: silent, zero: "film", silent: true });
  const [heard, seen] = [await readBack(whole), await readBack(silent)];
  expect(seen.video.map(({ atMs }) => atMs)).toEqual(heard.video.map(({ atMs }) => atMs));
  expect(seen.video[0]!.atMs).toBe(0);
  expect([heard.audio.length > 0, seen.audio]).toEqual([true, []]);
});

test("H.264 without a header of its own becomes an MP4 with its index in front", async () => {
  const unit = (...bytes: string[]) => Buffer.from(bytes.map((hex) => `00000001${hex}`).join(""), "hex");
  const key = unit("6742c0208c8d402802dd3506060607844235", "68ce3c80", "65b80004000005");
  const head = webmHead({ video: { codec: "V_MPEG4/ISO/AVC", width: 1280, height: 720 } });
  const blocks = [0, 33, 67, 100].flatMap((relativeMs) => [
    { track: 1 as const, relativeMs, key: relativeMs === 0, payload: relativeMs === 0 ? key : unit("41e0204000") },
    { track: 2 as const, relativeMs, key: true, payload: opus60ms },
  ]);
  const out = join(folder, "h264.mp4");
  const one = await segment("h264", Buffer.concat([head, cluster(0, blocks)]), 0);
  expect(trackExtension(one.container.streams)).toBe("mp4");
  await writeTrackFile({ segments: [one], out });
  const film = await readBack(out);
  expect(film.mimeType).toContain("avc1.42c020");
  expect(film.video.map(({ atMs, key: isKey }) => [atMs, isKey])).toEqual([
    [0, true],
    [33, false],
    [67, false],
    [100, false],
  ]);
  const bytes = await readFile(out);
  expect(bytes.indexOf("moov")).toBeLessThan(bytes.indexOf("mdat"));
});

test("fragmented MP4 becomes an MP4", async () => {
  const out = join(folder, "fragmented.mp4");
  await writeTrackFile({ segments: [await segment("fragmented", mp4Segment(3), 500)], out });
  const film = await readBack(out);
  expect(film.video).toHaveLength(90);
  expect(film.audio).toHaveLength(150);
});

test("pictures that lie on their side say so in the file, too", async () => {
  const out = join(folder, "turned.mp4");
  // Mirrored, then a quarter to the right, as Safari writes it.
  const turned = Buffer.concat([mp4Head({ matrix: [0, -1, -1, 0] }), fragment(1)]);
  await writeTrackFile({ segments: [await segment("turned", turned, 0)], out });
  using input = new Input({ formats: ALL_FORMATS, source: new BufferSource(await readFile(out)) });
  const video = (await input.getPrimaryVideoTrack())!;
  expect([await video.getRotation(), await video.getFlip()]).toEqual([270, true]);
  expect([await video.getDisplayWidth(), await video.getDisplayHeight()]).toEqual([360, 640]);
});

test("H.264 whose encoder was set up anew becomes one MP4, in which each key frame brings what it is decoded with", async () => {
  const other = mp4Segment(2);
  // Another level in its parameter set, and in what the header says of it.
  for (const [was, is] of [
    ["0142c020", "0142c01f"],
    ["6742c020", "6742c01f"],
  ] as const) {
    const at = other.indexOf(Buffer.from(was, "hex"));
    other.set(Buffer.from(is, "hex"), at);
  }
  const out = join(folder, "anew.mp4");
  const [one, two] = [await segment("level-32", mp4Segment(2), 0), await segment("level-31", other, 2000)];
  await writeTrackFile({ segments: [one, two], out });
  const { video } = await readBack(out);
  const keys = video.filter(({ key }) => key).map(({ data }) => Buffer.from(data).toString("hex"));
  const sets = (level: string) => `000000126742c0${level}8c8d402802dd35060606078442350000000468ce3c80`;
  expect(keys.map((hex) => hex.slice(0, sets("20").length))).toEqual(["20", "20", "1f", "1f"].map(sets));
  expect(video.filter(({ key }) => !key).every(({ data }) => data.length < 80)).toBe(true);
  expect(video).toHaveLength(120);
  // What one header says of all is said once.
  await writeTrackFile({ segments: [one, await segment("level-32-again", mp4Segment(2), 2000)], out });
  expect((await readBack(out)).video[0]!.data).toHaveLength(50);
});

test("segments that overlap leave time going forward, every picture in the file", async () => {
  const out = join(folder, "overlap.webm");
  await writeTrackFile({ segments: [await segment("one", webmSegment(2), 0), await segment("two", webmSegment(2), 1900)], out });
  const { video, audio } = await readBack(out);
  expect(video).toHaveLength(120);
  for (const packets of [video, audio])
    for (let index = 1; index < packets.length; index += 1) expect(packets[index]!.atMs).toBeGreaterThan(packets[index - 1]!.atMs);
});

test("pictures after damage are left out until the next key frame", async () => {
  const bytes = webmSegment(4);
  const start = webmHead().length;
  const second = bytes.indexOf(Buffer.from([0x1f, 0x43, 0xb6, 0x75]), start + 4);
  bytes.fill(0xee, second, second + 40);
  const out = join(folder, "damaged.webm");
  await writeTrackFile({ segments: [await segment("damaged", bytes, 0)], out });
  expect((await readBack(out)).video).toHaveLength(90);
});

test("two kinds of recorder do not fit into one file, and nothing is left behind", async () => {
  const other = webmHead({ video: { codec: "V_VP9", width: 640, height: 360 } });
  const two = Buffer.concat([other, cluster(0, [{ track: 1, relativeMs: 0, key: true, payload: opus60ms }])]);
  const out = join(folder, "mixed.webm");
  const written = writeTrackFile({ segments: [await segment("vp8", webmSegment(1), 0), await segment("vp9", two, 5000)], out });
  await expect(written).rejects.toBeInstanceOf(UserError);
  // Nobody is to wait for it.
  await expect(written).rejects.toMatchObject({ code: "bad-request", message: expect.stringContaining("segments one by one") });
  expect((await readdir(folder)).filter((name) => name.startsWith("mixed"))).toEqual([]);
});

test("a segment file that is shorter than its packets is an error, and nothing is left behind", async () => {
  const one = await segment("short", webmSegment(2), 0);
  await writeFile(one.path, webmSegment(2).subarray(0, 2000));
  await expect(writeTrackFile({ segments: [one], out: join(folder, "short-out.webm") })).rejects.toThrow("shorter");
  expect((await readdir(folder)).filter((name) => name.startsWith("short-out"))).toEqual([]);
});
