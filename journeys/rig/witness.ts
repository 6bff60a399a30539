// Beside the recorder: looks at the very pictures (Chromium only) and listens to the very sound that a page captures, and notes when each came.
// This is the truth of a camera from a file, and the measure of what a canvas and WebAudio do wrong.
import type { Page } from "puppeteer-core";
import type { readCode, strip } from "./code.ts";

/** `[what the code says, the frame's own timestamp, true time of its arrival]`, ms. */
type Sighting = [number, number, number];
/** `[true time of arrival, place where its sound ends, place where a beep sets in or null]`, ms. */
type Hearing = [number, number, number | null];

export interface Testimony {
  /** When the picture with this code was captured: true time modulo nothing, ms. In order. Null: nobody looked; the codes say it themselves. */
  pictures: { codeMs: number; trueMs: number }[] | null;
  /** True times at which beeps set in. */
  beeps: number[];
}

declare global {
  // `var`: a property of the page's globalThis.
  var doubletakeWitness: { sightings: Sighting[]; hearings: Hearing[] } | undefined;
}

/** These run in the page, closed over nothing but one another and `clockMs` of the camera. */
export const witnessFunctions = [witnessPictures, witnessSound, witnessGraph, onsetIn, witness];

declare function clockMs(): number;
declare class MediaStreamTrackProcessor<T> {
  constructor(options: { track: MediaStreamTrack });
  readonly readable: ReadableStream<T>;
}

export function witness(stream: MediaStream, facts: { strip: typeof strip }, read: typeof readCode): void {
  const notes: NonNullable<typeof globalThis.doubletakeWitness> = { sightings: [], hearings: [] };
  globalThis.doubletakeWitness = notes;
  const [picture] = stream.getVideoTracks();
  const [sound] = stream.getAudioTracks();
  const processes = typeof MediaStreamTrackProcessor !== "undefined";
  if (picture && processes) void witnessPictures(picture.clone(), facts.strip, read, notes.sightings);
  if (sound && processes) void witnessSound(sound.clone(), notes.hearings);
  else if (sound) witnessGraph(sound.clone(), notes.hearings);
}

async function witnessPictures(track: MediaStreamTrack, place: typeof strip, read: typeof readCode, notes: Sighting[]): Promise<void> {
  const reader = new MediaStreamTrackProcessor<VideoFrame>({ track }).readable.getReader();
  for (;;) {
    const { value: frame } = await reader.read();
    if (!frame) return;
    const arrivedMs = clockMs();
    // Only the rows with the cells, a little more on each side.
    const { x: left, y: top, width, height } = frame.visibleRect!;
    const from = 2 * Math.floor((height * (place.top - 0.01)) / 2);
    const rows = 2 * Math.ceil((height * (place.rows * place.cellHeight + 0.02)) / 2);
    const rect = { x: left, y: top + from, width, height: rows };
    const bytes = new Uint8Array(frame.allocationSize({ rect }));
    const [plane] = await frame.copyTo(bytes, { rect });
    const step = /^(RGB|BGR)/.test(frame.format ?? "") ? 4 : 1;
    const { offset, stride } = plane!;
    // Green stands for brightness: the cells are grey.
    const luma = (x: number, y: number) =>
      bytes[offset + Math.floor(y * height - from) * stride + Math.floor(x * width) * step + (step === 4 ? 1 : 0)] ?? 0;
    const code = read(luma);
    // On the page's clock, which may drift.
    if (code) notes.push([code.trueMs, (frame.timestamp / 1000) * (globalThis.doubletakeTruth?.rate ?? 1), arrivedMs]);
    frame.close();
  }
}

async function witnessSound(track: MediaStreamTrack, notes: Hearing[]): Promise<void> {
  const reader = new MediaStreamTrackProcessor<AudioData>({ track }).readable.getReader();
  const state = { quiet: 0 };
  for (;;) {
    const { value: data } = await reader.read();
    if (!data) return;
    const arrivedMs = clockMs();
    const samples = new Float32Array(data.numberOfFrames);
    data.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
    const onset = onsetIn(samples, data.sampleRate, state);
    const rate = globalThis.doubletakeTruth?.rate ?? 1;
    const place = (index: number) => (data.timestamp / 1000 + (index * 1000) / data.sampleRate) * rate;
    notes.push([arrivedMs, place(samples.length), onset === null ? null : place(onset)]);
    data.close();
  }
}

/** Firefox: the graph that feeds the recorder feeds this too. Old, and the only one that the page's policy lets in. */
function witnessGraph(track: MediaStreamTrack, notes: Hearing[]): void {
  const context = new AudioContext({ sampleRate: 48_000 });
  const ear = context.createScriptProcessor(1024, 1, 1);
  const state = { quiet: 0 };
  // Counted: `playbackTime` is later by what the page was late, ever since it was.
  let endMs = 0;
  ear.onaudioprocess = ({ inputBuffer }) => {
    const arrivedMs = clockMs();
    const samples = inputBuffer.getChannelData(0);
    const onset = onsetIn(samples, 48_000, state);
    endMs += samples.length / 48;
    notes.push([arrivedMs, endMs, onset === null ? null : endMs - (samples.length - onset) / 48]);
  };
  context.createMediaStreamSource(new MediaStream([track])).connect(ear);
  ear.connect(context.destination);
}

/** Where a beep sets in after 300 ms of rest. */
function onsetIn(samples: Float32Array, rate: number, state: { quiet: number }): number | null {
  let onset: number | null = null;
  for (const [index, sample] of samples.entries()) {
    if (Math.abs(sample) < 0.02) state.quiet++;
    else {
      if (state.quiet > 0.3 * rate) onset = index;
      state.quiet = 0;
    }
  }
  return onset;
}

/** What a page's witness noted so far. Arrivals are late by chance, never early: the quickest ones near by tell how late the others were. */
export async function testimonyOf(page: Page): Promise<Testimony> {
  const notes = (await page.evaluate("globalThis.doubletakeWitness ?? null")) as typeof globalThis.doubletakeWitness | null;
  if (!notes) throw new Error("this page has no witness");
  // Chromium stamps on the page's clock; the graph counts on its own, which stands still when the machine starves.
  const graph = notes.sightings.length === 0;
  const nearMs = graph ? 2000 : 15_000;
  const seen = quickest(
    notes.sightings.map(([, stampMs, arrivedMs]) => ({ stampMs, arrivedMs })),
    nearMs,
  );
  const heard = quickest(
    notes.hearings.map(([arrivedMs, endMs]) => ({ stampMs: endMs, arrivedMs })),
    nearMs,
    // What came before it stood still was not late by what it lost since.
    graph ? "later" : "around",
  );
  return {
    pictures: seen.length === 0 ? null : notes.sightings.map(([codeMs], index) => ({ codeMs, trueMs: seen[index]! })),
    beeps: notes.hearings.flatMap(([, endMs, onset], index) => {
      const before = notes.hearings[index - 1]?.[1];
      // What sets in where something was not heard may have set in there.
      const gap = before === undefined || endMs - before > blockMs;
      return onset === null || gap ? [] : [heard[index]! - endMs + onset];
    }),
  };
}

/** More than the blocks in which sound comes to a witness, 10 or 21 ms, and less than two of them. */
const blockMs = 25;

/** True time of each, as if all had arrived as quickly as the quickest near by. Stamps that go backwards begin anew (Chromium's sound does, once). */
function quickest(arrivals: { stampMs: number; arrivedMs: number }[], nearMs: number, where: "around" | "later" = "around"): number[] {
  const at = (index: number) => arrivals[index]!;
  return arrivals.map(({ stampMs, arrivedMs }, index) => {
    let leastMs = arrivedMs - stampMs;
    const look = (other: number) => {
      leastMs = Math.min(leastMs, at(other).arrivedMs - at(other).stampMs);
    };
    for (
      let back = index - 1;
      where === "around" && back >= 0 && at(back).stampMs <= at(back + 1).stampMs && stampMs - at(back).stampMs <= nearMs;
      back--
    )
      look(back);
    for (let on = index + 1; on < arrivals.length && at(on).stampMs >= at(on - 1).stampMs && at(on).stampMs - stampMs <= nearMs; on++)
      look(on);
    return stampMs + leastMs;
  });
}
