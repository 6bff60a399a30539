// What composing costs, and what it is worth: our windows, with decoders kept warm and without, beside one bare pass of ffmpeg over the same inputs,
// canvas and preset, beside the tutorial's way (strip the sound, re-encode each file, stack, mux). In turns, in one run; processor seconds of all
// processes, bytes, and PSNR and SSIM against the sources, so that speed is not bought with quality. `npm run bench:compose -- [seconds] [rounds]`
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { typeid } from "typeid-js";
import { place } from "../journeys/rig/place.ts";
import { poll } from "../journeys/rig/poll.ts";
import { descendantsOf } from "../journeys/rig/processes.ts";
import { percentile } from "../journeys/rig/sound.ts";
import type { Timeline } from "../protocol/timeline.ts";
import { Composer } from "../server/compose/composer.ts";
import { allocator } from "../server/compose/fence.ts";
import { defaultCanvas, layoutOf } from "../server/compose/layout.ts";
import { initSegment } from "../server/compose/mp4.ts";
import { Renderer } from "../server/compose/render.ts";
import { windowOf } from "../server/compose/window.ts";
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
  // What the allocator is told is read when a process begins, so the windows are composed in one that was begun as the server begins its own.
  if (process.env["MALLOC_TRIM_THRESHOLD_"] !== allocator.MALLOC_TRIM_THRESHOLD_) {
    const again = spawnSync(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
      stdio: "inherit",
      env: { ...process.env, ...allocator },
    });
    process.exitCode = again.status ?? 1;
    return;
  }
  if (!existsSync(ffmpeg)) throw new Error(`this bench compares with the ffmpeg program, and ${ffmpeg} is missing: apt-get install ffmpeg`);
  const seconds = Number(args[0] ?? 60);
  const rounds = Number(args[1] ?? 2);
  const folder = place("bench");
  try {
    const inputs = ["a", "b"].map((name, index) => makeInput(join(folder.path, `${name}.webm`), index, seconds));
    const at = (name: string) => join(folder.path, name);
    const ways: [string, (round: number) => Promise<Cost>][] = [
      ["bare single pass", (round) => cost(() => bare(inputs, at(`bare${round}.mp4`)))],
      ["Doubletake, warm", (round) => cost(() => windows(inputs, at(`warm${round}.mp4`), seconds * 1000, false))],
      ["Doubletake, cold", (round) => cost(() => windows(inputs, at(`cold${round}.mp4`), seconds * 1000, true))],
    ];
    const tutorials = "the tutorial's way";
    const costs = new Map<string, Cost[]>([...ways.map(([name]) => name), tutorials].map((name) => [name, []]));
    const take = async (name: string, round: number, run: (round: number) => Promise<Cost>) => {
      const spent = await run(round);
      costs.get(name)?.push(spent);
      console.log(`round ${round + 1}: ${name}: ${spent.processorSeconds.toFixed(1)} s of processor, ${spent.wallSeconds.toFixed(1)} s`);
    };
    // A composing process lives for a quarter of an hour: what compiling its code costs is no part of a minute.
    await windows(inputs, at("first.mp4"), Math.min(seconds, 30) * 1000, false);
    for (let round = 0; round < rounds; round++)
      // Whoever comes first finds another machine than whoever comes last.
      for (const [name, run] of round % 2 === 0 ? ways : ways.toReversed()) await take(name, round, run);
    // Once is enough, and last: it heats a machine up for a minute and a half.
    await take(tutorials, 0, () => cost(() => tutorial(inputs, at("tutorial0"))));
    const films = [at("bare0.mp4"), at("warm0.mp4"), at("cold0.mp4"), join(at("tutorial0"), "film.mp4")];
    const quality = films.map((film) => likeness(film, inputs));
    const served = await ours(inputs, at("served"), seconds * 1000);
    console.log(
      `\n2 × ${seconds} s of 1280×720 VP8 + Opus, canvas ${defaultCanvas.width}×${defaultCanvas.height}, names off, median of ${rounds} rounds, load ${loadavg()[0]!.toFixed(1)}\n${report(costs, seconds, quality)}\n` +
        `The composing process of a server at its most: ${served.megabytes.toFixed(0)} MB of memory.`,
    );
  } finally {
    folder.close();
  }
}

function report(costs: Map<string, Cost[]>, seconds: number, quality: { psnr: string; ssim: string }[]): string {
  // Another program's burst in one round is no cost of ours.
  const median = (name: string, of: (cost: Cost) => number) => percentile((costs.get(name) ?? []).map(of), 50);
  const processor = (name: string) => median(name, (each) => each.processorSeconds);
  const rows = [...costs.keys()].map((name, index) => [
    name,
    (processor(name) * 60) / seconds,
    processor(name) / processor("bare single pass"),
    median(name, (each) => each.wallSeconds),
    median(name, (each) => each.bytes) / 1e6,
    quality[index]?.psnr ?? "",
    quality[index]?.ssim ?? "",
  ]);
  return table([["", "processor s per film minute", "ratio", "wall s", "MB", "PSNR dB", "SSIM"], ...rows]);
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

/** ffmpeg has its allocator as everybody has it. */
function ordinary(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in allocator)));
}

function run(...args: string[]): void {
  const { status, stderr } = spawnSync(ffmpeg, ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", ...args], {
    encoding: "utf8",
    env: ordinary(),
  });
  if (status !== 0) throw new Error(`ffmpeg ${args.join(" ")}: ${stderr}`);
}

/** As a camera sees a room: texture that stands still, a head that moves, and a sensor's noise. Key frames every second, as asked of recorders. */
function makeInput(file: string, index: number, seconds: number): string {
  const room = `nullsrc=size=1280x720:rate=30,geq=lum='118+38*sin(X/${37 + index * 9})*cos(Y/23)+18*sin((X+Y)/7)+random(1)*14':cb=${120 + index * 8}:cr=134,trim=end_frame=1,loop=-1:1,setpts=N/30/TB`;
  const head =
    "nullsrc=size=280x360:rate=30,format=yuva420p,geq=lum='150+22*sin(X/9)*cos(Y/11)':cb=110:cr=152:a='if(lt(hypot((X-140)/140,(Y-180)/180),1),255,0)',trim=end_frame=1,loop=-1:1,setpts=N/30/TB";
  const picture = `${room}[room];${head}[head];[room][head]overlay=x='500+60*sin(t*1.3+${index})':y='200+14*sin(t*2.1)':format=yuv420,noise=alls=5:allf=t,format=yuv420p[v]`;
  run(
    ...[
      "-f",
      "lavfi",
      "-i",
      `sine=frequency=${440 + index * 220}:sample_rate=48000`,
      "-filter_complex",
      picture,
      "-map",
      "[v]",
      "-map",
      "0:a",
    ],
    ...["-t", String(seconds), "-c:v", "libvpx", "-b:v", "2500k", "-deadline", "realtime", "-cpu-used", "8", "-g", "30"],
    ...["-c:a", "libopus", "-b:a", "64k", file],
  );
  return file;
}

/** How like the sources, scaled and put side by side without any loss, a film is. */
function likeness(film: string, inputs: string[]): { psnr: string; ssim: string } {
  const sources = inputs.flatMap((input) => ["-i", input]);
  const both = `${stack(inputs)};[${inputs.length}:v]setpts=PTS-STARTPTS,fps=30,split[a][b];[v]setpts=PTS-STARTPTS,split[c][d];[a][c]psnr[p];[b][d]ssim[s]`;
  const { stderr } = spawnSync(
    ffmpeg,
    [
      "-hide_banner",
      "-nostdin",
      ...sources,
      "-i",
      film,
      "-filter_complex",
      both,
      "-map",
      "[p]",
      "-f",
      "null",
      "-",
      "-map",
      "[s]",
      "-f",
      "null",
      "-",
    ],
    { encoding: "utf8", maxBuffer: 64e6 },
  );
  return { psnr: /average:([\d.]+)/.exec(stderr)?.[1] ?? "?", ssim: /All:([\d.]+)/.exec(stderr)?.[1] ?? "?" };
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

function timelineOf(inputs: string[], folder: string, durationMs: number): Timeline {
  return {
    version: 1,
    recordingId: typeid("rec").toString(),
    roomId: typeid("room").toString(),
    roomName: "Bench",
    startedAt: new Date().toISOString(),
    durationMs,
    tracks: inputs.map((input, index) => trackOf(input, index, folder, durationMs)),
  };
}

/** Every window, by the code that the composing process runs. `cold`: each by a renderer that knows nothing of the one before. */
async function windows(inputs: string[], out: string, durationMs: number, cold: boolean): Promise<number> {
  const folder = `${out}.recording`;
  const timeline = timelineOf(inputs, folder, durationMs);
  const parts: Buffer[] = [];
  let renderer = new Renderer(folder, defaultCanvas);
  for (let index = 0; ; index++) {
    const job = windowOf(timeline, { ...defaultCanvas, names: false }, index);
    if (!job) break;
    if (cold) {
      renderer.close();
      renderer = new Renderer(folder, defaultCanvas);
    }
    const { bytes, format } = renderer.render(job);
    if (index === 0) parts.push(initSegment(format));
    parts.push(bytes);
    await new Promise((resolve) => setImmediate(resolve));
  }
  renderer.close();
  writeFileSync(out, Buffer.concat(parts));
  return statSync(out).size;
}

/** The composer as the server runs it, given everything at once. `megabytes`: the most that a composing process had in memory. */
async function ours(inputs: string[], folder: string, durationMs: number): Promise<{ megabytes: number }> {
  const timeline = timelineOf(inputs, folder, durationMs);
  const id = timeline.recordingId;
  const composer = new Composer({
    input: () => ({ timeline, watermarkMs: Number.POSITIVE_INFINITY, complete: true, folder }),
    canvas: defaultCanvas,
    log: pino({ level: "warn" }),
    onChange: () => undefined,
  });
  composer.advance(id);
  let megabytes = 0;
  const ready = () => {
    megabytes = Math.max(megabytes, ...composersBelow(process.pid));
    return composer.stateOf(id, folder).state === "ready";
  };
  await poll(ready, { what: "the film is ready", limitMs: 600_000, everyMs: 100 });
  await composer.close();
  return { megabytes };
}

/** Peak memory of the composing processes among the descendants of a process, MB. */
function composersBelow(pid: number): number[] {
  return descendantsOf(pid).flatMap((child) => {
    const peak = lines(`/proc/${child}/status`).find((line) => line.startsWith("VmHWM"));
    const composes = lines(`/proc/${child}/cmdline`).some((line) => line.includes("child.mjs"));
    return composes && peak ? [Number(/\d+/.exec(peak)?.[0]) / 1000] : [];
  });
}

/** Of a file that may be gone by now: none. */
function lines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
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
