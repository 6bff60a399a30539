import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Timeline, TimelineSegment } from "../../protocol/recording.ts";
import { Container } from "../align/container.ts";
import { Footage } from "./decode.ts";
import { filmHead, indexOf } from "./film.ts";
import { blue, colourIn, green, near, red, segmentOf, timelineWith, webmOf, yellow } from "./footage.fixture.ts";
import { layoutOf } from "./layout.ts";
import { mix } from "./mix.ts";
import { delayTicks, initSegment } from "./mp4.ts";
import { msOf, tickOf } from "./place.ts";
import { background, type Colour } from "./planes.ts";
import { type Rendered, Renderer } from "./render.ts";
import { SegmentFile } from "./source.ts";
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

async function compose(timeline: Timeline, cold = false): Promise<Rendered[]> {
  const out: Rendered[] = [];
  let renderer = new Renderer(folder, canvas);
  for (let index = 0; ; index++) {
    const job = windowOf(timeline, canvas, index);
    if (!job) break;
    if (cold) {
      renderer.close();
      renderer = new Renderer(folder, canvas);
    }
    out.push(renderer.render(job));
    await new Promise((resolve) => setImmediate(resolve));
  }
  renderer.close();
  return out;
}

/** The film as our own scanner and decoders see it. */
function look(windows: Rendered[]): SegmentFile {
  const path = join(folder, "film.mp4");
  const bytes = Buffer.concat([initSegment(windows[0]!.format), ...windows.map((window) => window.bytes)]);
  writeFileSync(path, bytes);
  const film = new SegmentFile(path);
  film.update(bytes.length, [{ mediaMs: 0, atMs: -msOf(delayTicks) }], 0);
  return film;
}

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
  expect(film.pictures).toHaveLength(210);
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

test("windows are the same bytes with warm and with cold decoders", async () => {
  const timeline = timelineWith(7000, { Ann: [segments.ann!(0)], Ben: [segments.ben!(400)], Dan: [segments.dan!(0)] });
  const warm = await compose(timeline);
  const cold = await compose(timeline, true);
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
