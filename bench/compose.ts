// What composing costs: our windows, beside one bare pass of ffmpeg over the same inputs, canvas and preset, beside the tutorial's way
// (strip the sound, re-encode each file, stack, mux). In turns, in one run; processor seconds of all processes. `npm run bench -- compose [seconds] [rounds]`
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { typeid } from "typeid-js";
import { place } from "../journeys/rig/place.ts";
import { poll } from "../journeys/rig/poll.ts";
import type { Timeline } from "../protocol/recording.ts";
import { Composer } from "../server/compose/composer.ts";
import { defaultCanvas, layoutOf } from "../server/compose/layout.ts";
import { table } from "./table.ts";

const ffmpeg = "/usr/bin/ffmpeg";
/** Of the processor's clock in /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Cost {
  processorSeconds: number;
  wallSeconds: number;
  bytes: number;
}

export async function compose(args: string[]): Promise<void> {
  if (!existsSync(ffmpeg)) throw new Error(`this bench compares with the ffmpeg program, and ${ffmpeg} is missing: apt-get install ffmpeg`);
  const seconds = Number(args[0] ?? 60);
  const rounds = Number(args[1] ?? 2);
  const folder = place("bench");
  try {
    const inputs = ["a", "b"].map((name, index) => makeInput(join(folder.path, `${name}.webm`), index, seconds));
    const ways: [string, (round: number) => Promise<Cost>][] = [
      ["bare single pass", (round) => cost(() => bare(inputs, join(folder.path, `bare${round}.mp4`)))],
      ["Doubletake", (round) => cost(() => ours(inputs, join(folder.path, `ours${round}`), seconds * 1000))],
      ["the tutorial's way", (round) => cost(() => tutorial(inputs, join(folder.path, `tutorial${round}`)))],
    ];
    const costs = new Map<string, Cost[]>(ways.map(([name]) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, run] of ways) {
        const spent = await run(round);
        costs.get(name)?.push(spent);
        console.log(`round ${round + 1}: ${name}: ${spent.processorSeconds.toFixed(1)} s of processor, ${spent.wallSeconds.toFixed(1)} s`);
      }
    }
    console.log(
      `\n2 × ${seconds} s of 1280×720 VP8 + Opus, canvas ${defaultCanvas.width}×${defaultCanvas.height}, mean of ${rounds} rounds\n${report(costs, seconds)}`,
    );
  } finally {
    folder.close();
  }
}

function report(costs: Map<string, Cost[]>, seconds: number): string {
  const mean = (name: string, of: (cost: Cost) => number) => {
    const all = costs.get(name) ?? [];
    return all.reduce((sum, each) => sum + of(each), 0) / all.length;
  };
  const processor = (name: string) => mean(name, (each) => each.processorSeconds);
  const rows = [...costs.keys()].map((name) => [
    name,
    (processor(name) * 60) / seconds,
    processor(name) / processor("bare single pass"),
    mean(name, (each) => each.wallSeconds),
    mean(name, (each) => each.bytes) / 1e6,
  ]);
  return table([["", "processor s per film minute", "ratio", "wall s", "MB"], ...rows]);
}

/** Runs something that answers with the size of what it made. Counts our own processor time and that of every child that has ended. */
async function cost(run: () => number | Promise<number>): Promise<Cost> {
  const before = processorSeconds();
  const startMs = performance.now();
  const bytes = await run();
  return { processorSeconds: processorSeconds() - before, wallSeconds: (performance.now() - startMs) / 1000, bytes };
}

/** utime, stime and, of children waited for, cutime and cstime: proc(5), fields 14 to 17. */
function processorSeconds(): number {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ")
    .map(Number);
  return fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) / ticksPerSecond;
}

function run(...args: string[]): void {
  const { status, stderr } = spawnSync(ffmpeg, ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`ffmpeg ${args.join(" ")}: ${stderr}`);
}

/** Texture, something that moves, and a sensor's noise: without noise an encoder has nothing to do. Key frames every second, as asked of recorders. */
function makeInput(file: string, index: number, seconds: number): string {
  const picture = `testsrc2=size=1280x720:rate=30${index % 2 === 0 ? "" : ",hflip"},noise=alls=6:allf=t`;
  run(
    ...["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", `sine=frequency=${440 + index * 220}:sample_rate=48000`, "-t", String(seconds)],
    ...["-c:v", "libvpx", "-b:v", "1500k", "-deadline", "realtime", "-cpu-used", "8", "-g", "30", "-c:a", "libopus", "-b:a", "64k", file],
  );
  return file;
}

function stack(inputs: string[]): string {
  const rects = layoutOf(
    inputs.map((key) => ({ key, source: "camera" })),
    defaultCanvas,
  );
  const scaled = rects.map(({ width, height }, index) => `[${index}:v]fps=30,scale=${width}:${height}:flags=bicubic,setsar=1[v${index}]`);
  const places = rects.map(({ x, y }) => `${x}_${y}`).join("|");
  const labels = rects.map((_, index) => `[v${index}]`).join("");
  return `${scaled.join(";")};${labels}xstack=inputs=${rects.length}:layout=${places}:fill=0x14181f,pad=${defaultCanvas.width}:${defaultCanvas.height}:0:0:color=0x14181f,format=yuv420p[v]`;
}

const encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-c:a", "aac", "-b:a", "128k"];

function bare(inputs: string[], out: string): number {
  const sound = `${inputs.map((_, index) => `[${index}:a]`).join("")}amix=inputs=${inputs.length}:normalize=0[a]`;
  run(
    ...inputs.flatMap((input) => ["-i", input]),
    "-filter_complex",
    `${stack(inputs)};${sound}`,
    "-map",
    "[v]",
    "-map",
    "[a]",
    ...encoder,
    "-movflags",
    "+faststart",
    out,
  );
  return statSync(out).size;
}

/** As tutorials do it: every step a program of its own, presets left as they are. */
function tutorial(inputs: string[], folder: string): number {
  mkdirSync(folder);
  const at = (name: string) => join(folder, name);
  for (const [index, input] of inputs.entries()) {
    run("-i", input, "-vn", at(`${index}.wav`));
    run("-i", input, "-an", "-r", "30", "-c:v", "libx264", at(`${index}.mp4`));
  }
  const pictures = inputs.flatMap((_, index) => ["-i", at(`${index}.mp4`)]);
  run(...pictures, "-filter_complex", stack(inputs), "-map", "[v]", "-c:v", "libx264", at("stacked.mp4"));
  run("-i", at("0.wav"), "-i", at("1.wav"), "-filter_complex", "amix=inputs=2:normalize=0", at("mixed.wav"));
  run("-i", at("stacked.mp4"), "-i", at("mixed.wav"), "-c:v", "copy", "-c:a", "aac", "-movflags", "+faststart", at("film.mp4"));
  return statSync(at("film.mp4")).size;
}

/** The composer as the server runs it, given everything at once. */
async function ours(inputs: string[], folder: string, durationMs: number): Promise<number> {
  const id = typeid("rec").toString();
  const timeline: Timeline = {
    version: 1,
    recordingId: id,
    roomId: typeid("room").toString(),
    roomName: "Bench",
    startedAt: new Date().toISOString(),
    durationMs,
    tracks: inputs.map((input, index) => trackOf(input, index, folder, durationMs)),
  };
  const composer = new Composer({
    input: () => ({ timeline, watermarkMs: Number.POSITIVE_INFINITY, complete: true, folder }),
    canvas: defaultCanvas,
    log: pino({ level: "warn" }),
    onChange: () => undefined,
  });
  composer.advance(id);
  await poll(() => composer.stateOf(id, folder).state === "ready", { what: "the film is ready", limitMs: 600_000 });
  await composer.close();
  const files = composer.filmFiles(id, folder) ?? [];
  return files.reduce((sum, file) => sum + statSync(file).size, 0);
}

function trackOf(input: string, index: number, folder: string, durationMs: number): Timeline["tracks"][number] {
  const track = typeid("trk").toString();
  const segment = typeid("seg").toString();
  const file = `tracks/${track}/${segment}.webm`;
  mkdirSync(join(folder, "tracks", track), { recursive: true });
  copyFileSync(input, join(folder, file));
  return {
    id: track,
    participant: { id: typeid("par").toString(), name: `Participant ${index + 1}` },
    source: "camera",
    clock: { offsetMs: 0, driftPpm: 0, uncertaintyMs: 1 },
    gaps: [],
    segments: [
      {
        id: segment,
        file,
        mimeType: "video/webm;codecs=vp8,opus",
        bytes: statSync(input).size,
        sealed: true,
        sha256: null,
        map: [{ mediaMs: 0, atMs: 0 }],
        audioShiftMs: 0,
        startMs: 0,
        endMs: durationMs,
      },
    ],
  };
}
