// What was said in one voice, by FFmpeg's whisper filter, in the composing process: a model, a sound of 16 kHz, and lines with their times.
// Promise: nothing but the model and that one file is read; a line that the filter could not place in time is left out.
import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import { setImmediate as turn } from "node:timers/promises";
import { AV_CHANNEL_ORDER_NATIVE, AV_SAMPLE_FMT_S16 } from "node-av/constants";
import { Filter, FilterGraph, Frame } from "node-av/lib";
import { UserError } from "../../protocol/errors.ts";
import { must } from "./libav.ts";
import { speechHeadBytes, speechRate } from "./voicefile.ts";

export interface Heard {
  fromMs: number;
  toMs: number;
  body: string;
}

/** What the model is given at a time, s: as much as it takes in. */
const queueSeconds = 30;
/** Handed to the filter at a time, samples. */
const stretch = speechRate;

/** `model`, `sound`: absolute. `language`: of ISO 639-1, or "auto". `out`: a file that may be written to; it is gone afterwards. */
export async function listen(options: { model: string; sound: string; language: string; out: string }): Promise<Heard[]> {
  if (!Filter.getByName("whisper")) throw new UserError("not-ready", "This FFmpeg has no whisper filter.");
  await rm(options.out, { force: true });
  const sound = await open(options.sound, "r");
  try {
    const graph = graphFor(options);
    try {
      await feed(graph, sound);
    } finally {
      graph.free();
    }
    return heardIn(await readFile(options.out, "utf8"));
  } finally {
    await sound.close();
    await rm(options.out, { force: true });
  }
}

function graphFor({ model, language, out }: { model: string; language: string; out: string }): FilterGraph {
  const graph = new FilterGraph();
  graph.alloc();
  const source = `abuffer@in=time_base=1/${speechRate}:sample_rate=${speechRate}:sample_fmt=s16:channel_layout=mono`;
  const settings = Object.entries({ model, language, queue: String(queueSeconds), use_gpu: "false", destination: out, format: "srt" });
  const whisper = `whisper=${ofGraph(settings.map(([name, value]) => `${name}=${ofOption(value)}`).join(":"))}`;
  try {
    must(graph.parsePtr(`${source},aformat=sample_fmts=fltp,${whisper},abuffersink@out`), "opening the model");
    must(graph.configSync(), "opening the model");
  } catch (cause) {
    graph.free();
    throw new UserError("not-ready", "The model could not be read.", { cause });
  }
  return graph;
}

/** FFmpeg's "Notes on filtergraph escaping": first within the option, then within the graph. */
function ofOption(text: string): string {
  return text.replace(/[\\':]/g, "\\$&");
}

function ofGraph(text: string): string {
  return text.replace(/[\\'[\],;]/g, "\\$&");
}

async function feed(graph: FilterGraph, sound: FileHandle): Promise<void> {
  const source = graph.getFilter("abuffer@in");
  const sink = graph.getFilter("abuffersink@out");
  if (!source || !sink) throw new Error("a filter is missing in the graph");
  const frame = new Frame();
  frame.alloc();
  try {
    const drain = () => {
      while (sink.buffersinkGetFrameSync(frame) >= 0) frame.unref();
    };
    for (let at = 0; ; at += stretch) {
      const pcm = Buffer.alloc(stretch * 2);
      const { bytesRead } = await sound.read(pcm, 0, pcm.length, speechHeadBytes + at * 2);
      const samples = bytesRead >> 1;
      if (samples > 0) give(source, pcm.subarray(0, samples * 2), at);
      drain();
      if (samples < stretch) break;
      // FFmpeg's memory is given back only when the event loop turns.
      await turn();
    }
    must(source.buffersrcAddFrameSync(null), "ending the sound");
    drain();
  } finally {
    frame.free();
  }
}

function give(source: NonNullable<ReturnType<FilterGraph["getFilter"]>>, pcm: Buffer, at: number): void {
  const frame = Frame.fromAudioBuffer(Buffer.from(pcm), {
    nbSamples: pcm.length >> 1,
    format: AV_SAMPLE_FMT_S16,
    sampleRate: speechRate,
    channelLayout: { nbChannels: 1, order: AV_CHANNEL_ORDER_NATIVE, mask: 4n },
    timeBase: { num: 1, den: speechRate },
    pts: BigInt(at),
  });
  try {
    must(source.buffersrcAddFrameSync(frame), "listening");
  } finally {
    frame.free();
  }
}

const times = /^(\d+):(\d\d):(\d\d)[.,](\d{1,3}) --> (\d+):(\d\d):(\d\d)[.,](\d{1,3})\s*$/;

/** SubRip, as the filter writes it. */
export function heardIn(text: string): Heard[] {
  const blocks = text.split(/\r?\n\s*\r?\n/).map((block) => block.trim().split(/\r?\n/));
  return blocks.flatMap((lines) => {
    const at = lines.findIndex((line) => times.test(line));
    const match = times.exec(lines[at] ?? "");
    if (!match) return [];
    const [fromMs, toMs] = [msOf(match.slice(1, 5)), msOf(match.slice(5, 9))];
    return said([{ fromMs, toMs, body: lines.slice(at + 1).join("\n") }]);
  });
}

function msOf([hours, minutes, seconds, thousandths]: string[]): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number((thousandths ?? "").padEnd(3, "0"));
}

/** Without what is no speech: models put that in brackets. No control characters, nothing that ends before it begins. */
export function said(heard: readonly Heard[]): Heard[] {
  return heard
    .map(({ fromMs, toMs, body }) => ({
      fromMs,
      toMs,
      body: body
        .replace(/[^\P{Cc}\n]/gu, " ")
        .replace(/\s+/g, " ")
        .trim()
        .slice(0, mostWords),
    }))
    .filter(({ fromMs, toMs, body }) => toMs > fromMs && body !== "" && !/^[[(*♪][^\])]*[\])*♪]$/u.test(body));
}

const mostWords = 1000;
