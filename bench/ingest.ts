// What durable acks cost: the real upload door beside a bare `ws` server that appends each message to a file and acks without any sync.
// In turns, in one run; processor time of the whole process, its threads and its system calls. `npm run bench -- ingest [seconds] [rounds] [tracks] [--grow]`
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { place, root } from "../journeys/rig/place.ts";
import { percentile } from "../journeys/rig/sound.ts";
import { noise } from "../server/ingest/rig.fixture.ts";
import { type Figures, type Given, load } from "./load.ts";
import { table } from "./table.ts";

/** Of the processor's clock in /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Cost extends Figures {
  tracks: number;
  wallSeconds: number;
  processorSeconds: number;
  /** What the process grew by, from the last hello to the last ack, and since its start. */
  rssBytes: number;
}

/** What is measured: `bare` with what `npm install ws` gives, `equipped` with the native unmasking and the collector's setting that Doubletake has,
 * `synced` with an fdatasync before each ack as well: what a durable ack costs whoever gives it. */
const ways = { bare: "bare ws", equipped: "bare ws, equipped", synced: "the same with fdatasync", real: "Doubletake" } as const;
type Way = keyof typeof ways;

export async function ingest(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { grow: { type: "boolean", default: false } } });
  const [seconds = 8, rounds = 3, tracks = 100] = positionals.map(Number);
  const disk = await syncTimes();
  console.log(`the disk's own fdatasync after 325 kB: p50 ${ms(disk, 50)} ms, p99 ${ms(disk, 99)} ms\n`);

  const runs: Record<Way, Cost[]> = { bare: [], equipped: [], synced: [], real: [] };
  for (let round = 0; round < rounds; round++) {
    for (const way of ["bare", "real", "equipped", "synced"] as const) runs[way].push(await measured(way, tracks, seconds));
  }
  console.log(`${tracks} tracks of 2.6 Mbit/s for ${seconds} s, ${rounds} rounds in turns`);
  console.log(report((Object.keys(ways) as Way[]).flatMap((way) => runs[way].map((cost) => [ways[way], cost] as const))));
  const rate = (costs: Cost[]) => percentile(costs.map(perSecond), 50);
  const share = (way: Way) => (rate(runs.real) / rate(runs[way])).toFixed(2);
  console.log(
    `MB per processor second, median: ${share("bare")} × bare ws, ${share("equipped")} × bare ws, equipped, ${share("synced")} × the same with fdatasync\n`,
  );
  if (!values.grow) return;

  const growth: (readonly [string, Cost])[] = [];
  for (const count of [10, 100, 400, 1000]) growth.push([ways.real, await measured("real", count, seconds)]);
  console.log(`how the cost grows\n${report(growth)}`);
}

const perSecond = ({ ackedBytes, processorSeconds }: Cost) => ackedBytes / 1e6 / processorSeconds;
const ms = (values: number[], share: number) => Math.round(percentile(values, share) * 10) / 10;

function report(rows: (readonly [string, Cost])[]): string {
  return table([
    ["", "tracks", "MB acked", "of MB offered", "MB per processor s", "tracks per core", "ack p50 ms", "p99", "RSS per connection, kB"],
    ...rows.map(([name, cost]) => [
      name,
      cost.tracks,
      Math.round(cost.ackedBytes / 1e6),
      Math.round((cost.tracks * cost.wallSeconds * 325) / 1000),
      Math.round(perSecond(cost)),
      Math.round(perSecond(cost) / 0.325),
      ms(cost.ackMs, 50),
      ms(cost.ackMs, 99),
      Math.round(cost.rssBytes / cost.tracks / 1000),
    ]),
  ]);
}

/** How `npm start` starts the server. */
function settingsOf(way: Way): { flags: string[]; env: NodeJS.ProcessEnv } {
  if (way === "bare") return { flags: [], env: { ...process.env, WS_NO_BUFFER_UTIL: "1" } };
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { start: string } };
  const flags = scripts.start.match(/--[a-z-]+-space-size=\d+/g) ?? [];
  const threads = /UV_THREADPOOL_SIZE:-(\d+)/.exec(scripts.start)?.[1];
  return { flags, env: { ...process.env, UV_THREADPOOL_SIZE: threads } };
}

async function measured(way: Way, tracks: number, seconds: number): Promise<Cost> {
  const folder = place("ingest");
  const { flags, env } = settingsOf(way);
  const child = spawn(process.execPath, [...flags, "--import", "tsx", "bench/door.ts", way, folder.path, String(tracks)], {
    cwd: root,
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`the door ended with ${code}`)));
    const [first] = (await Promise.race([once(createInterface(child.stdout), "line"), ended])) as [string];
    ended.catch(() => undefined);
    const pid = child.pid!;
    const atStart = rssOf(pid);
    const marks: { processorSeconds: number }[] = [];
    let rssBytes = 0;
    const figures = await load(JSON.parse(first) as Given, seconds, () => {
      marks.push({ processorSeconds: processorSecondsOf(pid) });
      rssBytes = rssOf(pid) - atStart;
    });
    const [before, after] = marks;
    return { ...figures, tracks, wallSeconds: seconds, processorSeconds: after!.processorSeconds - before!.processorSeconds, rssBytes };
  } finally {
    const gone = once(child, "exit");
    child.stdin.end();
    await gone;
    folder.close();
  }
}

function processorSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

function rssOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}

async function syncTimes(): Promise<number[]> {
  const folder = place("sync");
  const times: number[] = [];
  try {
    await mkdir(folder.path, { recursive: true });
    const file = await open(join(folder.path, "file"), "a");
    const bytes = noise(325_000, 2);
    for (let i = 0; i < 200; i++) {
      await file.write(bytes);
      const startMs = performance.now();
      await file.datasync();
      times.push(performance.now() - startMs);
    }
    await file.close();
  } finally {
    folder.close();
  }
  return times;
}
