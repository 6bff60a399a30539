// Is recording with WebCodecs in a worker better than MediaRecorder in Chromium? Both record the same stream in the same run; a witness tells the truth.
// `npm run bench -- webcodecs [seconds] [runs]`
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { place } from "../journeys/rig/place.ts";
import { makeReel, type Reel } from "../journeys/rig/reel.ts";
import { percentile } from "../journeys/rig/sound.ts";
import { calibrationOf, zeroOf } from "../server/align/calibration.ts";
import { Container } from "../server/align/container.ts";
import { firstOf } from "../server/align/packets.ts";
import { table } from "./table.ts";
import { bundle, Room } from "./webcodecs/studio.ts";
import { type Anchor, judge, quickestMs, runs as runsOf, type Verdict } from "./webcodecs/verdict.ts";
import type { Noted } from "./webcodecs/worker.ts";

type Which = "media" | "codecs";
type Trouble = "none" | "page blocked 3 s" | "starved" | "kill -9";
const names: Record<Which, string> = { media: "MediaRecorder", codecs: "WebCodecs" };

interface Take {
  verdicts: Record<Which, Verdict>;
  bytes: Record<Which, number>;
  dropped: number;
  jumps: number;
  codec: string;
  /** The browser's clock when it was killed. */
  killedMs: number | null;
}

export async function webcodecs(args: string[]): Promise<void> {
  const seconds = Number(args[0] ?? 12);
  const rounds = Number(args[1] ?? 3);
  const web = await bundle();
  const reel = await makeReel(1, 640, 360);
  try {
    const rows: (string | number)[][] = [];
    for (const trouble of ["none", "page blocked 3 s", "starved", "kill -9"] as const) {
      const takes: Take[] = [];
      for (let round = 0; round < rounds; round++) {
        const take = await record(web.path, reel, seconds, trouble).catch((error: unknown) => {
          console.error(`${trouble}: a run broke off: ${error instanceof Error ? error.message : String(error)}`);
          return null;
        });
        if (take) takes.push(take);
      }
      for (const which of ["media", "codecs"] as const) rows.push(rowOf(trouble, which, takes));
      console.log(
        `${trouble}: ${takes.length} runs, load ${(loadavg()[0] ?? 0).toFixed(1)}, ${takes[0]?.codec}, sound's clock jumped ${takes.map(({ jumps }) => jumps)}`,
      );
    }
    console.log(`\n${table([heads, ...rows])}`);
    console.log(`\n${table(await costs(web.path, reel, seconds))}`);
  } finally {
    reel.close();
    web.close();
  }
}

const heads = [
  "",
  "recorder",
  "picture, ms: median of each run",
  "p50",
  "p95",
  "p99",
  "sound, ms: median of each run",
  "p95",
  "p99",
  "pictures missing",
  "longest hole, ms",
  "kB/s",
  "lost at kill, ms: picture",
  "sound",
];

function rowOf(trouble: Trouble, which: Which, takes: readonly Take[]): (string | number)[] {
  const verdicts = takes.map(({ verdicts: { [which]: verdict } }) => verdict);
  const pictures = verdicts.flatMap((verdict) => verdict.pictures.map(Math.abs));
  const beeps = verdicts.flatMap((verdict) => verdict.beeps.map(Math.abs));
  const medians = (of: (verdict: Verdict) => number[]) => verdicts.map((verdict) => told(percentile(of(verdict), 50))).join(", ");
  const lost = (of: (verdict: Verdict) => number) =>
    trouble === "kill -9" ? takes.map((take) => Math.round((take.killedMs ?? Number.NaN) - of(take.verdicts[which]))).join(", ") : "";
  const missing = verdicts.reduce((sum, verdict) => sum + verdict.missing, 0);
  const seen = verdicts.reduce((sum, verdict) => sum + verdict.seen, 0);
  return [
    trouble,
    names[which],
    medians((verdict) => verdict.pictures),
    ...[50, 95, 99].map((share) => told(percentile(pictures, share))),
    medians((verdict) => verdict.beeps),
    ...[95, 99].map((share) => told(percentile(beeps, share))),
    `${missing} of ${seen}`,
    Math.round(Math.max(0, ...verdicts.map(({ holeMs }) => holeMs))),
    Math.round(
      percentile(
        takes.map(({ bytes }) => bytes[which]),
        50,
      ) / 1000,
    ),
    lost(({ lastMs }) => lastMs),
    lost(({ lastSoundMs }) => lastSoundMs),
  ];
}

const told = (ms: number) => (Number.isNaN(ms) ? "–" : ms.toFixed(1));

async function record(web: string, reel: Reel, seconds: number, trouble: Trouble): Promise<Take> {
  const folder = place("webcodecs");
  const room = await Room.open(web, folder.path, reel);
  const busy: ChildProcess[] = [];
  try {
    // The witness looks for a while before, so that quick arrivals are among them.
    await wait(1000);
    await room.start(["media", "codecs"]);
    if (trouble === "starved")
      for (let count = 0; count < 2; count++) busy.push(spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
    await wait((seconds * 1000) / 2);
    if (trouble === "page blocked 3 s")
      await room.page.evaluate("{ const until = performance.now() + 3000; while (performance.now() < until); }");
    await wait((seconds * 1000) / 2);
    const facts = await room.facts();
    if (!facts) throw new Error("MediaRecorder did not start");
    let killedMs: number | null = null;
    let noted: { codecs: Noted | null; witness: Noted };
    if (trouble === "kill -9") {
      noted = await room.noted();
      killedMs = (await room.page.evaluate("performance.timeOrigin + performance.now()")) as number;
      await room.kill();
    } else {
      await room.stop();
      noted = await room.noted();
    }
    for (const child of busy) child.kill("SIGKILL");
    if (!noted.codecs) throw new Error("WebCodecs did not start");
    const files = { media: join(folder.path, "media.webm"), codecs: join(folder.path, "codecs.webm") };
    const container = new Container();
    container.push(readFileSync(files.media));
    const firstAudio = firstOf(container.packets, "audio")?.mediaMs ?? null;
    const { browserMs } = zeroOf(facts, firstAudio, Number.POSITIVE_INFINITY);
    const media: Anchor = { pictureMs: browserMs, soundMs: browserMs + calibrationOf(facts).audioShiftMs };
    const verdicts = {
      media: await judge(files.media, media, noted.witness),
      codecs: await judge(files.codecs, anchorOf(noted.codecs), noted.witness),
    };
    const bytes = { media: room.bytesOf("media") / seconds, codecs: room.bytesOf("codecs") / seconds };
    const { dropped, jumps, codec } = noted.codecs;
    return { verdicts, bytes, dropped, jumps, codec, killedMs };
  } finally {
    for (const child of busy) child.kill("SIGKILL");
    await room.close();
    folder.close();
  }
}

/** By when the worker itself got pictures and sounds: what a product would send as facts. */
function anchorOf(noted: Noted): Anchor {
  // The sound's timestamps after the last jump are those that the file is made of.
  const sound = runsOf(noted.sounds).at(-1) ?? [];
  return {
    pictureMs: (noted.zeroMs ?? 0) + quickestMs(noted.pictures),
    soundMs: (noted.soundZeroMs ?? 0) + quickestMs(sound),
  };
}

/** CPU of the whole browser while the same stream is recorded by neither, one, both. */
async function costs(web: string, reel: Reel, seconds: number): Promise<(string | number)[][]> {
  const rows: (string | number)[][] = [["recorders", "CPU of the browser, % of a core"]];
  for (const which of [[], ["media"], ["codecs"], ["media", "codecs"]] as Which[][]) {
    const folder = place("webcodecs");
    const room = await Room.open(web, folder.path, reel);
    try {
      await room.start(which);
      await wait(2000);
      const [fromMs, usedMs] = [performance.now(), room.cpuMs()];
      await wait(seconds * 1000);
      const share = (100 * (room.cpuMs() - usedMs)) / (performance.now() - fromMs);
      rows.push([which.map((each) => names[each]).join(" and ") || "none, only the witness", share.toFixed(0)]);
    } finally {
      await room.close();
      folder.close();
    }
  }
  return rows;
}
