// `npm run chaos -- --slow 150`: fault 57. Two participants without a browser record; for this many seconds the process that composes their film stands
// still for so much of the time that a window takes half again as long as it lasts, and then it is let go.
// Promise: answers only when acks came all the while, no process that was slow was taken for one that hangs, less work went into windows and in the
// end as much as before, and the film is whole.
import { join } from "node:path";
import { setTimeout as lasts } from "node:timers/promises";
import { readLedger } from "../../server/compose/ledgerfile.ts";
import { Drone } from "../rig/drone.ts";
import { makeFootage } from "../rig/footage.ts";
import { poll } from "../rig/poll.ts";
import { Sender } from "../rig/sender.ts";
import { TestServer } from "../rig/server.ts";
import { Brake } from "./brake.ts";
import { filmReady, patience } from "./patience.ts";
import { Pulse } from "./pulse.ts";
import { looksWhole, windowMs } from "./whole.ts";

/** Before, during and after. */
type Thrice = [number, number, number];

export interface Slow {
  seconds: number;
  /** What a window took before, in the median. */
  usualMs: number;
  /** Of the time, for so much the process stood still. */
  stopped: number;
  /** Longest time without news of an ack; a chunk comes every second. */
  ackGapsMs: Thrice;
  /** Longest that the machine itself took for a small write to be durable. */
  syncsMs: Thrice;
  /** When less or more work was put into a window, since it became slow, and how far behind what had arrived composing was then. */
  steps: { atS: number; effort: number; behindS: number }[];
  /** How many windows were composed with each effort. */
  windows: number[];
  /** How far the film's end lay behind the call, in windows, every ten seconds. */
  behind: number[];
  /** From the end of it until the film was close behind the call again, with all effort. */
  backMs: number;
  /** From when everything was safe until the film was complete. */
  readyMs: number;
  filmMs: number;
}

const names = ["Asha", "Bela"];
/** A window of the usual effort then takes so many times its length. */
const slowness = 1.5;
const windowsBefore = 6;
const beforeMs = 60_000;
const afterMs = 240_000;
/** How far behind the call a film is that keeps up: a window that fills, a chunk on its way, a window that is composed. */
const closeWindows = 3;
/** As of a bystander in `world.ts`. */
const ackMs = 5000;
const syncsPerAck = 4;

/** A line of the server's log. */
interface Line {
  time: number;
  tookMs?: number;
  effort?: number;
  behindMs?: number;
}

export async function slow(seconds: number, say: (line: string) => void): Promise<Slow> {
  const server = await TestServer.open({ DOUBLETAKE_LOG_LEVEL: "debug" });
  const pulse = new Pulse(join(server.place.path, "pulse"));
  const drones: Drone[] = [];
  const brake = new Brake(() => server.pid);
  const said = (what: string): Line[] =>
    server.log.split("\n").flatMap((line) => (line.includes(`"msg":"${what}"`) ? [JSON.parse(line) as Line] : []));
  try {
    const durationMs = beforeMs + seconds * 1000 + afterMs;
    const footage = await makeFootage({ participant: 1, durationMs, trueMs: 0, width: 320, height: 180 });
    const id = await begin(server, drones, footage, Math.ceil((footage.length * 1000) / durationMs));
    const behind = async () => {
      const now = await server.api.recording(id);
      return Math.round(((now.durationMs - now.composition.watermarkMs) / windowMs) * 10) / 10;
    };
    const gaps = (): [acks: number, sync: number] => [
      Math.round(Math.max(...drones.map((drone) => drone.silenceMs()))),
      Math.round(pulse.longestMs()),
    ];
    await poll(() => drones.every(({ acked }) => acked > 0), { what: "first bytes" });
    gaps();
    await poll(() => said("window composed").length >= windowsBefore, { what: "windows at the usual pace", limitMs: beforeMs });
    const before = gaps();
    const usualMs = medianOf(said("window composed").map(({ tookMs = 0 }) => tookMs));
    if (usualMs > windowMs) throw new Error(`slow: a window takes ${usualMs} ms already: this machine has too much to do`);

    const slowAt = Date.now();
    brake.press(1 - usualMs / (slowness * windowMs));
    const looks: number[] = [];
    while (Date.now() - slowAt < seconds * 1000) {
      await lasts(10_000);
      looks.push(await behind());
      say(`  slow for ${Math.round((Date.now() - slowAt) / 1000)} s: ${looks.at(-1)} windows behind the call`);
    }
    const stopped = await brake.release();
    const during = gaps();
    const backAt = performance.now();
    await poll(async () => (await behind()) <= closeWindows && (said("composing effort").at(-1)?.effort ?? 0) === 0, {
      what: "the film is close behind the call, with all effort",
      limitMs: afterMs,
      everyMs: 500,
    });
    const backMs = Math.round(performance.now() - backAt);
    const after = gaps();

    await server.api.stop(id);
    await Promise.all(drones.map((drone) => drone.finish()));
    const safeAt = performance.now();
    const recording = await filmReady(server.api, id);
    const readyMs = Math.round(performance.now() - safeAt);
    for (const drone of drones) {
      const held = recording.tracks.flatMap(({ segments }) => segments).find((segment) => segment.id === drone.segment.id);
      if (held?.sha256 !== drone.sha256()) throw new Error(`I1: segment=${drone.segment.id} is sealed as ${held?.sha256}`);
    }
    const failed = said("composing a window failed").length;
    if (failed > 0 || recording.problems.length > 0)
      throw new Error(`slow: ${failed} windows had to be tried again, and the problems are: ${recording.problems.join(" ")}`);
    await looksWhole(server, id, recording.durationMs);
    for (const [acks, sync] of [before, during, after])
      if (acks > ackMs * patience() + syncsPerAck * sync)
        throw new Error(`I4: no ack for ${acks} ms, while a sync took ${sync} ms at most`);
    const changes = said("composing effort").filter(({ time }) => time >= slowAt);
    const steps = changes.map(({ time, effort = 0, behindMs = 0 }) => ({
      atS: Math.round((time - slowAt) / 1000),
      effort,
      behindS: Math.round(behindMs / 1000),
    }));
    if (!steps.some(({ effort }) => effort > 0)) throw new Error("slow: composing was not slower than the call for long enough");
    const efforts = readLedger(join(server.dataFolder, "recordings", id))!.windows.map(({ effort = 0 }) => effort);
    return {
      seconds,
      usualMs,
      stopped: Math.round(stopped * 100) / 100,
      ackGapsMs: [before[0], during[0], after[0]],
      syncsMs: [before[1], during[1], after[1]],
      steps,
      windows: [0, 1, 2].map((effort) => efforts.filter((one) => one === effort).length),
      behind: looks,
      backMs,
      readyMs,
      filmMs: recording.durationMs,
    };
  } catch (error) {
    const last = server.log.split("\n").filter((line) => !line.includes("window composed"));
    throw new Error(`${(error as Error).message}\n${last.slice(-12).join("\n")}`, { cause: error });
  } finally {
    await brake.release();
    await Promise.all(drones.map((drone) => drone.vanish()));
    await pulse.close();
    await server.close();
  }
}

/** A room that records, with everybody in it. */
async function begin(server: TestServer, drones: Drone[], footage: Uint8Array<ArrayBuffer>, bytesPerSecond: number): Promise<string> {
  const room = await server.api.createRoom("Slow");
  const senders = await Promise.all(names.map((name) => Sender.join(server.url, room, room.hostKey, name)));
  const { id } = await server.api.record(room.id);
  for (const { call, samples } of senders) {
    call.say({ type: "track", recording: id, source: "camera" });
    const { track, token } = await call.hears("track");
    drones.push(await Drone.start({ url: server.url, recording: id, track, token, footage, bytesPerSecond, samples }));
  }
  return id;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
