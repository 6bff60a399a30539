import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AVMEDIA_TYPE_AUDIO, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { Codec, CodecContext, FormatContext, Frame, Packet } from "node-av/lib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { filmHead, formatOf, indexOf, type WindowIndex } from "./film.ts";
import { blue, colourIn, near, red, segmentOf, timelineWith, webmOf, yellow } from "./footage.fixture.ts";
import { type Making, make } from "./make.ts";
import { initSegment } from "./mp4.ts";
import { msOf, sampleRate, samplesPerTick } from "./place.ts";
import { Renderer } from "./render.ts";
import { windowOf, windowsOf } from "./window.ts";

const canvas = { width: 640, height: 360 };
const durationMs = 8000;
let folder: string;
let windows: string[];
const track = "tracks/ann.webm";
const startMs = 1500;
let parts: Extract<Making, { type: "track" }>["parts"];

const indexFor = async (path: string): Promise<WindowIndex> => {
  const bytes = readFileSync(path);
  return indexOf(bytes, bytes.length);
};
const order = { id: 1, patienceMs: 1000 };

/** Ann comes 1.5 s late: red, from 4 s of hers on yellow; a tone from 2 s to 2.5 s of hers. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "make-"));
  mkdirSync(join(folder, "tracks"));
  mkdirSync(join(folder, "windows/side-by-side"), { recursive: true });
  const colour = (atMs: number) => (atMs < 4000 ? red : yellow);
  const tone = { hz: 440, gain: (atMs: number) => (atMs >= 2000 && atMs < 2500 ? 0.5 : 0) };
  const ann = webmOf({ seconds: 6, colour, tone });
  const ben = webmOf({ seconds: 8, colour: () => blue });
  writeFileSync(join(folder, track), ann);
  writeFileSync(join(folder, "tracks/ben.webm"), ben);
  const segment = segmentOf(track, ann.length, startMs, startMs + 6000);
  parts = [{ file: track, bytes: ann.length, map: segment.map, audioShiftMs: segment.audioShiftMs }];
  const timeline = timelineWith(durationMs, { Ben: [segmentOf("tracks/ben.webm", ben.length, 0, 8000)], Ann: [segment] });
  const renderer = new Renderer(folder, canvas);
  windows = Array.from({ length: windowsOf(timeline)! }, (_, index) => {
    const { bytes, format } = renderer.render(windowOf(timeline, canvas, index)!);
    writeFileSync(join(folder, `windows/side-by-side/${index}.m4s`), bytes);
    writeFileSync(join(folder, "windows/side-by-side/init.mp4"), initSegment(format));
    return `${index}.m4s`;
  });
  renderer.close();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Read {
  pictures: { atMs: number; frame: Frame }[];
  /** First channel, from zero on, laid by time. */
  sound: Float32Array;
  seconds: number;
}

async function read(path: string): Promise<Read> {
  const input = new FormatContext();
  expect(await input.openInput(path)).toBeGreaterThanOrEqual(0);
  expect(await input.findStreamInfo()).toBeGreaterThanOrEqual(0);
  const out: Read = { pictures: [], sound: new Float32Array(sampleRate * 10), seconds: Number(input.duration) / 1e6 };
  const decoders = new Map<number, CodecContext>();
  for (const stream of input.streams ?? []) {
    const codec = Codec.findDecoder(stream.codecpar.codecId)!;
    const context = new CodecContext();
    context.allocContext3(codec);
    context.parametersToContext(stream.codecpar);
    context.pktTimebase = stream.timeBase;
    context.open2Sync(codec, null);
    decoders.set(stream.index, context);
  }
  const packet = new Packet();
  packet.alloc();
  const take = (index: number, what: Packet | null) => {
    const context = decoders.get(index)!;
    const { codecType } = input.streams![index]!.codecpar;
    const { num, den } = input.streams![index]!.timeBase;
    expect(context.sendPacketSync(what)).toBeGreaterThanOrEqual(0);
    for (;;) {
      const frame = new Frame();
      frame.alloc();
      if (context.receiveFrameSync(frame) < 0) return;
      const atMs = (Number(frame.bestEffortTimestamp) * 1000 * num) / den;
      if (codecType === AVMEDIA_TYPE_VIDEO) out.pictures.push({ atMs, frame });
      if (codecType === AVMEDIA_TYPE_AUDIO) lay(out.sound, frame, atMs);
    }
  };
  while (input.readFrameSync(packet) >= 0) {
    take(packet.streamIndex, packet);
    packet.unref();
  }
  for (const index of decoders.keys()) take(index, null);
  await input.closeInput();
  return out;
}

function lay(sound: Float32Array, frame: Frame, atMs: number): void {
  const data = frame.data![0]!;
  const whole = data.length >= frame.nbSamples * 4;
  const at = Math.max(0, Math.round((atMs * sampleRate) / 1000));
  for (let i = 0; i < frame.nbSamples; i++) sound[at + i] = whole ? data.readFloatLE(i * 4) : data.readInt16LE(i * 2) / 32768;
}

/** Where it is loud, ms. */
function loudFrom(sound: Float32Array): { fromMs: number; toMs: number } {
  const loud = [...sound.keys()].filter((at) => Math.abs(sound[at]!) > 0.1);
  return { fromMs: (loud[0]! * 1000) / sampleRate, toMs: (loud.at(-1)! * 1000) / sampleRate };
}

test("a track's file begins with the film: its first picture before its time, its sound where it was", async () => {
  const { made } = await make({ ...order, type: "track", folder, out: "windows/made/ann", zero: "film", parts }, indexFor);
  expect(made).toBe("windows/made/ann.webm");
  const { pictures, sound } = await read(join(folder, made));
  expect(pictures[0]!.atMs).toBe(0);
  expect(Math.abs(pictures[1]!.atMs - startMs)).toBeLessThan(2);
  const turned = pictures.find(({ frame }) => near(colourIn(frame, { x: 20, y: 20, width: 60, height: 60 }), yellow))!;
  expect(Math.abs(turned.atMs - startMs - 4000)).toBeLessThan(msOf(1));
  const { fromMs, toMs } = loudFrom(sound);
  expect(Math.abs(fromMs - startMs - 2000)).toBeLessThan(25);
  expect(Math.abs(toMs - startMs - 2500)).toBeLessThan(25);
});

test("or with its own first media", async () => {
  const { made } = await make({ ...order, type: "track", folder, out: "windows/made/raw", zero: "track", parts }, indexFor);
  const { pictures, sound } = await read(join(folder, made));
  expect(pictures[0]!.atMs).toBeLessThan(10);
  expect(pictures[1]!.atMs).toBeLessThan(50);
  expect(Math.abs(loudFrom(sound).fromMs - 2000)).toBeLessThan(25);
});

test("a track's sound as WAV and as FLAC is the same samples, as long as the film, and where the film has them", async () => {
  const samples = 240 * samplesPerTick;
  for (const format of ["wav", "flac"] as const)
    await make({ ...order, type: "voice", folder, out: `windows/made/ann.${format}`, format, samples, parts }, indexFor);
  const wav = readFileSync(join(folder, "windows/made/ann.wav"));
  expect(wav.length).toBe(44 + samples * 2);
  const [one, other] = [await read(join(folder, "windows/made/ann.wav")), await read(join(folder, "windows/made/ann.flac"))];
  expect([one.seconds, other.seconds]).toEqual([8, 8]);
  expect(other.sound).toEqual(one.sound);
  expect(Math.abs(loudFrom(one.sound).fromMs - startMs - 2000)).toBeLessThan(10);
  expect(Math.abs(loudFrom(one.sound).toMs - startMs - 2500)).toBeLessThan(10);
});

test("the film's sound alone is the film's, from its beginning on", async () => {
  const { made } = await make(
    { ...order, type: "sound", folder, out: "windows/made/sound.m4a", windows: "windows/side-by-side", files: windows },
    indexFor,
  );
  const { pictures, sound, seconds } = await read(join(folder, made));
  expect(pictures).toEqual([]);
  expect(Math.abs(seconds - 8)).toBeLessThan(0.03);
  expect(Math.abs(loudFrom(sound).fromMs - startMs - 2000)).toBeLessThan(25);
});

test("the poster is a picture of the film in its size", async () => {
  const wish = { type: "poster" as const, windows: "windows/side-by-side", file: windows[1]! };
  const { made } = await make({ ...order, ...wish, folder, out: "windows/made/poster.jpg" }, indexFor);
  const { pictures } = await read(join(folder, made));
  const frame = pictures[0]!.frame;
  expect([frame.width, frame.height]).toEqual([canvas.width, canvas.height]);
  // Full range: as bright as the film's limited range says.
  expect(colourIn(frame, { x: 60, y: 150, width: 60, height: 60 }).u).toBeGreaterThan(200);
});

test("past 4 GB the film is read to its last picture", { timeout: 60_000 }, async () => {
  const whole = windows.map((file) => readFileSync(join(folder, "windows/side-by-side", file)));
  const gapBytes = 2_500_000_000;
  const indices = whole.map((bytes, index) => indexOf(bytes, index < whole.length - 1 ? gapBytes : bytes.length));
  const head = filmHead(formatOf(readFileSync(join(folder, "windows/side-by-side/init.mp4"))), indices);
  // A sparse file: what was never written takes no room.
  const path = join(folder, "large.mp4");
  const file = await open(path, "w");
  await file.write(head, 0, head.length, 0);
  for (const [index, bytes] of whole.entries()) await file.write(bytes, 0, bytes.length, head.length + index * gapBytes);
  await file.close();
  const { pictures, sound } = await read(path);
  expect(pictures.length).toBe(240);
  expect(Math.abs(pictures.at(-1)!.atMs - msOf(239))).toBeLessThan(1);
  expect(near(colourIn(pictures.at(-1)!.frame, { x: 60, y: 150, width: 60, height: 60 }), blue)).toBe(true);
  expect(Math.abs(loudFrom(sound).fromMs - startMs - 2000)).toBeLessThan(25);
});
