// What a long recording costs at its end: eight hours of six people who came and went two hundred times, beside one minute of them. All windows but the
// last few are taken as composed (one real window, under every name), so that index, ledger, playlist and header have their full length. Before Stop the
// composing process is as one that was replaced a moment ago: it has made two windows, each when a call would have had it, and has had a call's time
// after each to look at those that it did not make.
// `npm run bench -- long [hours] [runs]`
import { linkSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pino } from "pino";
import { composingOf } from "../journeys/chaos/world.ts";
import { place } from "../journeys/rig/place.ts";
import { poll } from "../journeys/rig/poll.ts";
import type { Timeline, TimelineSegment } from "../protocol/timeline.ts";
import { hashOf } from "../server/compose/agenda.ts";
import { Composer } from "../server/compose/composer.ts";
import { blue, idOf, segmentOf, timelineWith, webmOf } from "../server/compose/footage.fixture.ts";
import { emptyLedger, mainFilm, windowsFolder } from "../server/compose/ledger.ts";
import { LedgerFile } from "../server/compose/ledgerfile.ts";
import { windowMs, windowOf, windowsOf } from "../server/compose/window.ts";
import { table } from "./table.ts";

const people = ["Ann", "Ben", "Cleo", "Dan", "Eve", "Fay"];
const joins = 200;
const canvas = { width: 640, height: 360 };
/** Composed here, while it records. */
const growing = 2;
/** … and with those after Stop. */
const tailWindows = growing + 2;
const id = "rec_00000000000000000000000001";

interface Figures {
  readyMs: number;
  serverMb: number;
  composingMb: number;
  heldMs: number;
}

export async function long(args: string[]): Promise<void> {
  const [hours, runs] = [Number(args[0] ?? 8), Number(args[1] ?? 3)];
  const rows: (string | number)[][] = [["", "last byte → film ms: best", "worst", "server MB more", "composing MB", "loop held ms: worst"]];
  for (const [name, durationMs] of [
    ["1 minute", 60_000],
    [`${hours} hours`, hours * 3_600_000],
  ] as const) {
    const figures: Figures[] = [];
    for (let run = 0; run < runs; run++) figures.push(await finish(durationMs));
    const of = (one: (each: Figures) => number) => figures.map(one).map(Math.round);
    const ready = of((each) => each.readyMs);
    rows.push([
      name,
      Math.min(...ready),
      Math.max(...ready),
      Math.max(...of((each) => each.serverMb)),
      Math.max(...of((each) => each.composingMb)),
      Math.max(...of((each) => each.heldMs)),
    ]);
  }
  console.log(table(rows));
}

/** Everybody's segments, one after the other; only the last ones have a file. */
function timelineOf(durationMs: number, bytes: number): Timeline {
  const tailMs = tailWindows * windowMs;
  const each = Math.max(1, Math.min(Math.ceil(joins / people.length), Math.floor(durationMs / 60_000)));
  const tracks = people.map((name): [string, TimelineSegment[]] => {
    const segments = Array.from({ length: each }, (_, index): TimelineSegment => {
      const [fromMs, toMs] = [index, index + 1].map((at) => Math.round((at * (durationMs - tailMs)) / each));
      return segmentOf(`${name}-${index}.webm`, 1000, fromMs!, Math.max(fromMs! + 1, toMs! - 2000), { id: idOf("seg", `${name}${index}`) });
    });
    const startMs = durationMs - tailMs;
    const map = [{ mediaMs: 0, atMs: startMs }];
    return [name, [...segments, segmentOf(`${name}.webm`, bytes, startMs, durationMs, { map, id: idOf("seg", `${name}end`) })]];
  });
  return timelineWith(durationMs, Object.fromEntries(tracks));
}

async function finish(durationMs: number): Promise<Figures> {
  const at = place("long");
  const media = webmOf({ seconds: 16, colour: () => blue, tone: { hz: 300, gain: () => 0.2 }, width: 640, height: 360 });
  try {
    const folder = at.path;
    for (const name of people) writeFileSync(join(folder, `${name}.webm`), media);
    const timeline = timelineOf(durationMs, media.length);
    const windows = windowsOf(timeline) ?? 0;
    const open = { timeline: { ...timeline, durationMs: null }, watermarkMs: 0, complete: false, folder };
    let input: { timeline: Timeline; watermarkMs: number; complete: boolean; folder: string } = open;
    const composer = new Composer({ input: () => input, canvas, log: pino({ level: "warn" }), onChange: () => undefined });
    try {
      await prepare(folder, timeline, windows);
      // As while it records: the process is warm, and what is composed was compared with the timeline.
      for (let index = windows - tailWindows; index < windows - tailWindows + growing; index++) {
        const endMs = (index + 1) * windowMs;
        const nextWindow = wait(windowMs);
        input = { ...open, watermarkMs: endMs + 150 };
        composer.advance(id);
        await poll(() => composer.stateOf(id, folder).watermarkMs >= Math.round(endMs), { what: "a window", limitMs: 120_000 });
        await nextWindow;
      }
      const before = process.memoryUsage().rss;
      const held = watchLoop();
      const startedMs = performance.now();
      input = { timeline, watermarkMs: Number.POSITIVE_INFINITY, complete: true, folder };
      composer.advance(id);
      let composingMb = 0;
      await poll(
        () => {
          for (const pid of composingOf(process.pid)) composingMb = Math.max(composingMb, memoryPeakMb(pid));
          return composer.stateOf(id, folder).state === "ready";
        },
        { what: "the film is ready", limitMs: 300_000, everyMs: 20 },
      );
      const readyMs = performance.now() - startedMs;
      return { readyMs, serverMb: (process.memoryUsage().rss - before) / 2 ** 20, composingMb, heldMs: held() };
    } finally {
      await composer.close();
    }
  } finally {
    at.close();
  }
}

/** A ledger of all windows but the last few, and a file for each. */
async function prepare(folder: string, timeline: Timeline, windows: number): Promise<void> {
  const one = join(folder, windowsFolder, "one");
  mkdirSync(join(folder, windowsFolder), { recursive: true });
  const first = { ...timelineWith(windowMs, { Ann: [segmentOf("Ann.webm", statSync(join(folder, "Ann.webm")).size, 0, windowMs)] }) };
  const maker = new Composer({
    input: () => ({ timeline: first, watermarkMs: Number.POSITIVE_INFINITY, complete: true, folder }),
    canvas,
    log: pino({ level: "warn" }),
    onChange: () => undefined,
  });
  maker.advance(id);
  await poll(() => maker.stateOf(id, folder).state === "ready", { what: "one window", limitMs: 120_000 });
  await maker.close();
  writeFileSync(one, readFileSync(join(folder, windowsFolder, "0.m4s")));
  const ledger = emptyLedger(canvas);
  const bytes = statSync(one).size;
  for (let index = 0; index < windows - tailWindows; index++) {
    const file = `${index}.m4s`;
    if (index > 0) linkSync(one, join(folder, windowsFolder, file));
    const job = windowOf(timeline, canvas, index)!;
    ledger.windows.push({ index, file, ticks: job.ticks, bytes, shape: hashOf(job), placed: [], missing: [] });
  }
  await new LedgerFile(folder, mainFilm, ledger).write(ledger);
}

function memoryPeakMb(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

/** The longest that a timer of 5 ms came late, once asked. */
function watchLoop(): () => number {
  let [last, worst] = [performance.now(), 0];
  const timer = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - 5);
    last = now;
  }, 5);
  return () => {
    clearInterval(timer);
    return worst;
  };
}
