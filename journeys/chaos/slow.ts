// `npm run chaos -- --slow 600`: for this many seconds composing gets a sixth of a processor, which is less than the film needs, while two people
// without browsers go on recording (fault 57).
// Promise: answers only when the effort went down and up again, everybody's uploads went on as before, and the film caught up and is whole.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as lasts } from "node:timers/promises";
import { Drone } from "../rig/drone.ts";
import { readFilm } from "../rig/film.ts";
import { makeFootage } from "../rig/footage.ts";
import { poll } from "../rig/poll.ts";
import { Sender } from "../rig/sender.ts";
import { TestServer } from "../rig/server.ts";
import { filmReady, patience } from "./patience.ts";
import { Pulse } from "./pulse.ts";
import { composingOf } from "./world.ts";

export interface Slow {
  seconds: number;
  /** The film's end behind the recording's: before, at its most, and once composing had its processor back. */
  behindBeforeMs: number;
  behindMostMs: number;
  behindAfterMs: number;
  /** From the end of it until the film was as near as before. */
  caughtUpMs: number;
  /** Windows made with each effort, the best one first. */
  efforts: number[];
  /** Longest time without an ack, of either: before, and while composing was slow; and what the machine itself took for a sync. */
  silenceBeforeMs: number;
  silenceMs: number;
  syncMs: number;
  /** From Stop to the film. */
  readyMs: number;
  durationMs: number;
}

const windowMs = 3200;
const beforeMs = 25_000;
const afterMs = 240_000;
/** Of every turn composing may work for so long. */
const turnMs = 120;
const workMs = 20;
/** Acks come twice a second; a sync or two may be slow. */
const silenceMostMs = 3000;
/** A window that fills, one that is made, and one for a busy machine. */
const nearMs = 3 * windowMs;

export async function slow(seconds: number, say: (line: string) => void): Promise<Slow> {
  const server = await TestServer.open({ UV_THREADPOOL_SIZE: "16" });
  const pulse = new Pulse(join(server.place.path, "pulse"));
  const drones: Drone[] = [];
  try {
    const footageMs = beforeMs + seconds * 1000 + afterMs;
    const footage = await makeFootage({ participant: 1, durationMs: footageMs, trueMs: 0, width: 160, height: 96 });
    const bytesPerSecond = Math.ceil((footage.length * 1000) / footageMs);
    const room = await server.api.createRoom("Slow");
    const people = [await Sender.join(server.url, room, room.hostKey, "Asha"), await Sender.join(server.url, room, room.hostKey, "Ben")];
    const { id } = await server.api.record(room.id);
    for (const { call, samples } of people) {
      call.say({ type: "track", recording: id, source: "camera" });
      const { track, token } = await call.hears("track");
      drones.push(await Drone.start({ url: server.url, recording: id, track, token, footage, bytesPerSecond, samples }));
    }
    const silence = () => Math.max(...drones.map((drone) => drone.silenceMs()));
    const behind = async () => {
      const { durationMs, composition } = await server.api.recording(id);
      return durationMs - composition.watermarkMs;
    };
    await poll(async () => (await server.api.recording(id)).composition.watermarkMs > windowMs, {
      what: "the film grows",
      limitMs: 60_000 * patience(),
    });
    silence();
    pulse.longestMs();
    await lasts(beforeMs);
    const [silenceBeforeMs, behindBeforeMs] = [silence(), await behind()];

    const until = performance.now() + seconds * 1000;
    let behindMostMs = 0;
    for (let look = performance.now(); performance.now() < until; ) {
      await slowed(server.pid);
      if (performance.now() - look < 15_000) continue;
      look = performance.now();
      behindMostMs = Math.max(behindMostMs, await behind());
      say(`  ${Math.round((until - look) / 1000)} s to go, ${Math.round(behindMostMs / 1000)} s behind at most`);
    }
    behindMostMs = Math.max(behindMostMs, await behind());
    const [silenceMs, syncMs] = [silence(), pulse.longestMs()];
    const backAt = performance.now();
    await poll(async () => (await behind()) < nearMs, { what: "the film has caught up", limitMs: afterMs, everyMs: 500 });
    const caughtUpMs = performance.now() - backAt;
    // The best effort again, for a few windows.
    await lasts(4 * windowMs);
    const behindAfterMs = await behind();

    const stopAt = performance.now();
    await server.api.stop(id);
    await Promise.all(drones.map((drone) => drone.finish()));
    const { durationMs } = await filmReady(server.api, id);
    const readyMs = performance.now() - stopAt;
    const windows = windowsIn(join(server.dataFolder, "recordings", id));
    const efforts = [0, 1, 2].map((effort) => windows.filter((window) => (window.effort ?? 0) === effort).length);
    const film = await readFilm(await server.api.download(`/recordings/${id}/video.mp4`, join(server.place.path, "film.mp4")), []);
    const told = {
      seconds,
      behindBeforeMs,
      behindMostMs,
      behindAfterMs,
      caughtUpMs,
      efforts,
      silenceBeforeMs,
      silenceMs,
      syncMs,
      readyMs,
      durationMs,
    };
    const wrong = [
      behindMostMs < 3 * windowMs && "composing was not slow",
      efforts[1] === 0 && "the effort was not stepped down",
      (windows.at(-1)?.effort ?? 0) > 0 && "the effort was not stepped up again",
      silenceMs > silenceMostMs + 4 * syncMs && "recording was held up",
      drones.some(({ state }) => state !== "done") && "an upload is not complete",
      Math.abs(film.pictures.length - (durationMs * 30) / 1000) > 2 && `the film has ${film.pictures.length} pictures`,
    ].filter(Boolean);
    if (wrong.length > 0) throw new Error(`slow: ${wrong.join(", ")}: ${JSON.stringify(told)}`);
    return Object.fromEntries(
      Object.entries(told).map(([name, value]) => [name, Array.isArray(value) ? value : Math.round(value)]),
    ) as unknown as Slow;
  } finally {
    for (const pid of composingOf(server.pid)) signal(pid, "SIGCONT");
    await Promise.all(drones.map((drone) => drone.vanish()));
    await pulse.close();
    await server.close();
  }
}

/** One turn: everything that composes works a little, and then waits. */
async function slowed(server: number | undefined): Promise<void> {
  await lasts(workMs);
  const stopped = composingOf(server);
  for (const pid of stopped) signal(pid, "SIGSTOP");
  await lasts(turnMs - workMs);
  for (const pid of stopped) signal(pid, "SIGCONT");
}

/** A process may be gone by now. */
function signal(pid: number, name: "SIGSTOP" | "SIGCONT"): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function windowsIn(folder: string): { index: number; effort?: number }[] {
  const list = JSON.parse(readFileSync(join(folder, "windows", "side-by-side", "windows.json"), "utf8")) as {
    windows: { index: number; effort?: number }[];
  };
  return list.windows.toSorted((one, other) => one.index - other.index);
}
