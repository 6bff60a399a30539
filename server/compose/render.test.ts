import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Timeline, TimelineSegment } from "../../protocol/timeline.ts";
import { Container } from "../align/container.ts";
import { composeAll, filmOf } from "./composed.fixture.ts";
import { Footage } from "./decode.ts";
import { encodeSound, soundRange } from "./encode.ts";
import { filmHead, indexOf } from "./film.ts";
import { blue, colourIn, green, near, red, segmentOf, timelineWith, webmOf, yellow } from "./footage.fixture.ts";
import { layoutOf } from "./layout.ts";
import { mix } from "./mix.ts";
import { delayTicks, initSegment, mediaSegment } from "./mp4.ts";
import { msOf, tickOf } from "./place.ts";
import { background, type Colour } from "./planes.ts";
import { type Manner, type Rendered, Renderer } from "./render.ts";
import type { SegmentFile } from "./source.ts";
import { windowOf } from "./window.ts";

const canvas = { width: 640, height: 360 };
let folder: string;
const segments: Record<string, (startMs: number, endMs?: number) => TimelineSegment> = {};

/** Red until 1 s, then yellow; a tone from 2 s to 2.5 s. */
const switching = (atMs: number): Colour => (atMs < 1000 ? red : yellow);
const burst = { hz: 440, gain: (atMs: number) => (atMs >= 2000 && atMs < 2500 ? 0.5 : 0) };

function save(name: string, bytes: Buffer, lengthMs: number): void {
  writeFileSync(join(folder, `${name}.webm`), bytes);
  segments[name] = (startMs, endMs) => segmentOf(`${name}.webm`, bytes.length, startMs, endMs ?? startMs + lengthMs);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "render-"));
  save("ann", webmOf({ seconds: 7, colour: switching, tone: burst }), 7000);
  save("ben", webmOf({ seconds: 7, colour: () => blue, width: 240, height: 240, keyEvery: 50 }), 7000);
  save("cat", webmOf({ seconds: 3, tone: burst }), 3000);
  const broken = webmOf({ seconds: 7, colour: (atMs) => (atMs < 3000 ? green : red), keyEvery: 60 });
  // Everything of the seconds 2 and 3, the heads of their clusters included, is noise.
  const whole = new Container();
  whole.push(broken);
  const [from, to] = [2000, 4000].map((atMs) => [...whole.packets].find((packet) => packet.mediaMs >= atMs)!.offset);
  broken.fill(0x5a, from! - 25, to! - 40);
  save("dan", broken, 7000);
  save("eve", Buffer.from("ffconcat version 1.0\nfile /etc/passwd\n"), 7000);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const compose = (timeline: Timeline, cold = false, mannerOf?: (index: number) => Manner) =>
  composeAll(folder, canvas, timeline, { cold, mannerOf });
const look = (windows: Rendered[]) => filmOf(folder, windows);

function colourAt(film: SegmentFile, tick: number, face: number, faces: number): Colour {
  const footage = new Footage(film, film.video!);
  try {
    footage.prepare(tick);
    const rects = layoutOf(
      Array.from({ length: faces }, (_, key) => ({ key: String(key), source: "camera" as const })),
      canvas,
    );
    return colourIn(footage.at(tick, tick)!, rects[face]!);
  } finally {
    footage.close();
  }
}

/** Loudness of 5 ms, from a moment on. */
function loudness(film: SegmentFile, atMs: number): number {
  const from = Math.round(atMs * 48);
  const [left] = mix([film], from, from + 240, {
    silent: (_, why) => {
      throw new Error(why);
    },
  });
  return Math.sqrt(left.reduce((sum, value) => sum + value * value, 0) / left.length);
}

test("two faces are side by side, their pictures change on the right tick, the sound is at its time", async () => {
  const timeline = timelineWith(7000, { Ann: [segments.ann!(0)], Ben: [segments.ben!(0)] });
  const windows = await compose(timeline);
  expect(windows.map((window) => window.missing)).toEqual([[], [], []]);
  const film = look(windows);
  expect(film.picture(209)).not.toBeNull();
  expect(film.picture(210)).toBeNull();
  expect(near(colourAt(film, 29, 0, 2), red)).toBe(true);
  expect(near(colourAt(film, 30, 0, 2), yellow)).toBe(true);
  expect(near(colourAt(film, 95, 1, 2), blue)).toBe(true);
  expect(near(colourAt(film, 209, 1, 2), blue)).toBe(true);
  expect(loudness(film, 1980)).toBeLessThan(0.02);
  expect(loudness(film, 2010)).toBeGreaterThan(0.25);
  expect(loudness(film, 2480)).toBeGreaterThan(0.25);
  expect(loudness(film, 2520)).toBeLessThan(0.02);
  film.close();
});

test("what two recorders of one person took at once is heard once, and the change is not heard", async () => {
  // Whole cycles apart, so the second one goes on where the first one is, and whole ones in what is measured.
  const tone = { hz: 400, gain: () => 0.25 };
  save("first", webmOf({ seconds: 4, tone }), 4000);
  save("second", webmOf({ seconds: 4, tone }), 4000);
  const film = look(await compose(timelineWith(7000, { Ann: [segments.first!(0), segments.second!(3000)] })));
  const levels = Array.from({ length: 1000 }, (_, index) => loudness(film, 1500 + index * 5));
  expect(Math.max(...levels) / Math.min(...levels)).toBeLessThan(1.1);
  film.close();
});

test("windows are the same bytes with warm and with cold decoders", async () => {
  const timeline = timelineWith(7000, { Ann: [segments.ann!(0)], Ben: [segments.ben!(400)], Dan: [segments.dan!(0)] });
  const warm = await compose(timeline);
  const cold = await compose(timeline, true);
  for (const [index, window] of warm.entries()) expect(window.bytes.equals(cold[index]!.bytes), `window ${index}`).toBe(true);
});

test("the same bytes with warm and with cold decoders, whatever the codec", async () => {
  const people: Record<string, TimelineSegment[]> = {};
  for (const codec of ["vp9", "av1", "h264"] as const) {
    const colour = (atMs: number): Colour => [red, yellow, green, blue][Math.floor(atMs / 700) % 4]!;
    save(`warm-${codec}`, webmOf({ seconds: 7, colour, codec, keyEvery: 70 }), 7000);
    people[codec] = [segments[`warm-${codec}`]!(300)];
  }
  const timeline = timelineWith(7000, people);
  const [warm, cold] = [await compose(timeline), await compose(timeline, true)];
  expect(warm.flatMap(({ missing }) => missing)).toEqual([]);
  for (const [index, window] of warm.entries()) expect(window.bytes.equals(cold[index]!.bytes), `window ${index}`).toBe(true);
});

test("times go on over the joins without a step, and every window begins with a key frame", async () => {
  const windows = await compose(timelineWith(7000, { Ann: [segments.ann!(0)] }));
  const container = new Container();
  container.push(initSegment(windows[0]!.format));
  for (const window of windows) container.push(window.bytes);
  const video = [...container.packets].filter((packet) => packet.kind === "video");
  const shown = video.map((packet) => packet.mediaMs).sort((a, b) => a - b);
  for (const [index, atMs] of shown.entries()) expect(atMs).toBeCloseTo(msOf(index + delayTicks), 3);
  expect(video.flatMap((packet, index) => (packet.key ? [index] : []))).toEqual([0, 96, 192]);
  const audio = [...container.packets].filter((packet) => packet.kind === "audio");
  for (const [index, packet] of audio.entries()) expect(packet.mediaMs).toBeCloseTo(msOf(delayTicks) + (index * 1024) / 48, 3);
  for (const window of windows) expect(initSegment(window.format).equals(initSegment(windows[0]!.format))).toBe(true);
});

test("who joins late and leaves early is on screen in between, and the others move on that tick", async () => {
  const timeline = timelineWith(7000, { Ann: [segments.ann!(0)], Ben: [segments.ben!(2000, 4500)] });
  const film = look(await compose(timeline));
  const join = tickOf(2000);
  const leave = tickOf(4500);
  expect(near(colourAt(film, join - 1, 0, 1), yellow)).toBe(true);
  expect(near(colourAt(film, join, 1, 2), blue)).toBe(true);
  expect(near(colourAt(film, leave - 1, 1, 2), blue)).toBe(true);
  expect(near(colourAt(film, leave, 0, 1), yellow)).toBe(true);
  film.close();
});

test("sound without a picture, a hole between two segments and a file that is no media are cards", async () => {
  const timeline = timelineWith(7000, {
    Ann: [segments.ann!(0, 1500), { ...segments.ben!(4000), endMs: 7000 }],
    Cat: [segments.cat!(0, 7000)],
    Eve: [segments.eve!(0)],
  });
  const windows = await compose(timeline);
  expect(windows[0]!.missing).toEqual([{ segment: segments.eve!(0).id, why: expect.stringContaining("not a WebM or MP4 recording") }]);
  const film = look(windows);
  expect(near(colourAt(film, 40, 0, 3), yellow)).toBe(true);
  for (const colour of [colourAt(film, 80, 0, 3), colourAt(film, 80, 1, 3), colourAt(film, 80, 2, 3)]) {
    expect(Math.abs(colour.u - 128)).toBeLessThan(12);
    expect(colour.y).toBeGreaterThan(background.y + 5);
  }
  expect(near(colourAt(film, 130, 0, 3), blue)).toBe(true);
  // Cat's tone is heard although she has no picture.
  expect(loudness(film, 2200)).toBeGreaterThan(0.25);
  film.close();
});

test("over damaged bytes the last good picture is held until the next key frame", async () => {
  const film = look(await compose(timelineWith(7000, { Dan: [segments.dan!(0)] })));
  for (const tick of [59, 60, 95, 96, 119]) expect(near(colourAt(film, tick, 0, 1), green), `tick ${tick}`).toBe(true);
  for (const tick of [120, 200]) expect(near(colourAt(film, tick, 0, 1), red), `tick ${tick}`).toBe(true);
  film.close();
});

test("the one file's header points at every sample of the windows behind it", async () => {
  const windows = await compose(timelineWith(4000, { Ann: [segments.ann!(0)] }));
  const head = filmHead(
    windows[0]!.format,
    windows.map((window) => indexOf(window.bytes, window.bytes.length)),
  );
  const film = Buffer.concat([head, ...windows.map((window) => window.bytes)]);
  const stco = head.indexOf("stco") + 8;
  expect(head.readUInt32BE(stco)).toBe(windows.length);
  for (const [index, window] of windows.entries()) {
    const offset = head.readUInt32BE(stco + 4 + index * 4);
    const data = window.bytes.indexOf("mdat") + 4;
    expect(film.subarray(offset, offset + 64).equals(window.bytes.subarray(data, data + 64))).toBe(true);
  }
});

test("windows shared out among renderers, in any order, are the same bytes as by one, with gains that move and efforts that change", async () => {
  const timeline = timelineWith(7000, { Ann: [segments.ann!(0)], Ben: [segments.ben!(400)], Cat: [segments.cat!(3000)] });
  const track = timeline.tracks[0]!.id;
  const mannerOf = (index: number): Manner => ({
    effort: index % 3,
    gains: [{ trackId: track, fromDb: index * 1.5, toDb: (index + 1) * 1.5 }],
  });
  const whole = await compose(timeline, false, mannerOf);
  const two = [new Renderer(folder, canvas), new Renderer(folder, canvas)];
  for (const index of [2, 0, 1, 2]) {
    const job = windowOf(timeline, canvas, index)!;
    const { bytes, format } = two[index % 2]!.render(job, mannerOf(index));
    expect(bytes.equals(whole[index]!.bytes), `window ${index}`).toBe(true);
    // Every effort has one and the same init segment.
    expect(initSegment(format).equals(initSegment(whole[0]!.format))).toBe(true);
  }
  for (const renderer of two) renderer.close();
});

test("over a join the sound goes on as in one piece, also while a gain moves", async () => {
  const tone = { hz: 440, gain: () => 0.25 };
  save("tone", webmOf({ seconds: 7, tone }), 7000);
  const timeline = timelineWith(7000, { Ann: [segments.tone!(0)] });
  const track = timeline.tracks[0]!.id;
  const film = look(await compose(timeline, false, (index) => ({ gains: [{ trackId: track, fromDb: index * 2, toDb: (index + 1) * 2 }] })));
  const errorOf = (atMs: number) => {
    const [from, length] = [Math.round(atMs * 48) - 1200, 2400];
    const [left] = mix([film], from, from + length, { silent: () => undefined });
    // The best sine of that pitch; what it leaves over is the error.
    const [sum, turn] = [[0, 0] as [number, number], (2 * Math.PI * 440) / 48_000];
    for (const [at, value] of left.entries()) {
      sum[0] += (2 * value * Math.cos(turn * at)) / length;
      sum[1] += (2 * value * Math.sin(turn * at)) / length;
    }
    const rest = left.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - sum[0] * Math.cos(turn * at) - sum[1] * Math.sin(turn * at))),
      0,
    );
    return rest / Math.hypot(...sum);
  };
  // Inside a window, where no gain moves; and at the joins.
  const inside = Math.max(errorOf(2600), errorOf(2900), errorOf(5700));
  for (const join of [3200, 6400]) expect(errorOf(join)).toBeLessThan(Math.max(0.04, inside * 1.5));
  film.close();
});

test("every codec that browsers record is shown, at 15, 30 and 60 pictures a second, at an uneven rate and in another shape", async () => {
  const shown: [string, number][] = [];
  for (const [name, script] of Object.entries({
    vp9: { codec: "vp9", rate: 60 },
    av1: { codec: "av1", rate: 15 },
    h264: { codec: "h264", keeps: (index: number) => index % 30 === 0 || index % 7 !== 3 },
    vp8: { codec: "vp8", width: 180, height: 200 },
  } as const)) {
    save(name, webmOf({ seconds: 3, colour: (atMs) => (atMs < 1000 ? red : blue), ...script }), 3000);
    shown.push([name, shown.length]);
  }
  const people = Object.fromEntries(shown.map(([name]) => [name, [segments[name]!(0)]]));
  const timeline = timelineWith(3000, people);
  const windows = await compose(timeline);
  expect(windows[0]!.missing).toEqual([]);
  const film = look(windows);
  for (const [name, face] of shown) {
    expect(near(colourAt(film, 25, face, 4), red), `${name} before`).toBe(true);
    // 15 pictures a second and an uneven rate may show the change up to two ticks later.
    expect(near(colourAt(film, 33, face, 4), blue), `${name} after`).toBe(true);
  }
  film.close();
});

test("fragmented MP4 with H.264 and AAC goes in as well as it comes out", async () => {
  const windows = await compose(timelineWith(3200, { Ann: [segments.ann!(0)] }));
  const bytes = Buffer.concat([initSegment(windows[0]!.format), ...windows.map((window) => window.bytes)]);
  writeFileSync(join(folder, "mp4.mp4"), bytes);
  const again = await compose(timelineWith(3000, { Ann: [segmentOf("mp4.mp4", bytes.length, 0, 3000)] }));
  expect(again[0]!.missing).toEqual([]);
  const film = look(again);
  expect(near(colourAt(film, 60, 0, 1), yellow)).toBe(true);
  expect(loudness(film, 2300)).toBeGreaterThan(0.25);
  film.close();
});

test("sound that is HE-AAC without its file saying so is heard at its own pitch and time", async () => {
  const samples = 3 * 48_000;
  const { from, to } = soundRange(0, samples);
  // Two seconds of a tone.
  const side = Float32Array.from({ length: to - from }, (_, at) =>
    from + at < 96_000 ? 0.5 * Math.sin((Math.PI * 440 * (from + at)) / 24_000) : 0,
  );
  const sound = encodeSound([side, side], 0, samples).samples.map((sample) => ({ ...sample, bytes: withReplica(sample.bytes) }));
  const [{ format }] = (await compose(timelineWith(1000, { Ann: [segments.ann!(0)] }))) as [Rendered];
  // AAC-LC at 48 kHz, and not a word whether there is more to it.
  const init = initSegment({ ...format, audioConfig: Buffer.from("1190", "hex") });
  const bytes = Buffer.concat([init, mediaSegment(1, 0, [], sound)]);
  writeFileSync(join(folder, "replica.mp4"), bytes);
  const windows = await compose(timelineWith(3000, { Ann: [segmentOf("replica.mp4", bytes.length, 0, 3000)] }));
  expect(windows[0]!.missing).toEqual([]);
  const film = look(windows);
  const [left] = mix([film], 48_000, 72_000, { silent: () => undefined });
  const crossings = left.reduce((sum, value, at) => sum + (at > 0 && value < 0 !== left[at - 1]! < 0 ? 1 : 0), 0);
  expect(Math.abs(crossings - 440)).toBeLessThan(4);
  expect(loudness(film, 1900)).toBeGreaterThan(0.25);
  expect(loudness(film, 2200)).toBeLessThan(0.02);
  film.close();
});

/** A frame of AAC with an element before its end that would have it decoded as HE-AAC: a fill element of three bytes, of kind SBR (ISO/IEC 14496-3, 4.4.2.7). */
function withReplica(frame: Buffer): Buffer {
  const bits = [...frame].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const end = "111";
  const fill = `110${"0011"}${"1101"}${"0".repeat(20)}`;
  const more = bits.slice(0, bits.lastIndexOf("1") + 1 - end.length) + fill + end;
  return Buffer.from((more + "0".repeat(7)).match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
}

test("while the camera is off the name is shown and never a black picture; the voice moves the ring", async () => {
  const dark = { y: 16, u: 128, v: 128 };
  save("off", webmOf({ seconds: 3, colour: (atMs) => (atMs >= 1000 && atMs < 2000 ? dark : green), tone: burst }), 3000);
  const segment = { ...segments.off!(0), off: [{ fromMs: 1000, toMs: 2000 }] };
  const film = look(await compose(timelineWith(3000, { Ann: [segment] })));
  for (const tick of [10, 26, 66, 80]) expect(near(colourAt(film, tick, 0, 1), green), `tick ${tick}`).toBe(true);
  for (const tick of [29, 30, 45, 60, 61]) {
    const { y, u } = colourAt(film, tick, 0, 1);
    expect(y, `tick ${tick}`).toBeGreaterThan(background.y + 5);
    expect(Math.abs(u - 128)).toBeLessThan(16);
  }
  film.close();
});
