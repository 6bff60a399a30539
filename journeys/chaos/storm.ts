// Fault 32: everybody comes back at once after kill -9 of the server. Participants without browsers, by the product's own uploader.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Catalog } from "../../server/store/catalog.ts";
import { Keys } from "../../server/store/keys.ts";
import { Drone } from "../rig/drone.ts";
import { makeFootage } from "../rig/footage.ts";
import { poll } from "../rig/poll.ts";
import { TestServer } from "../rig/server.ts";
import { composingOf, memoryMb } from "./world.ts";

export interface Storm {
  drones: number;
  bytesPerSecond: number;
  /** From the server's answer after its restart to each drone's next ack. */
  medianMs: number;
  lastMs: number;
  /** Of the server's process: before anybody came, with everybody there, and when all had come back. */
  restMb: number;
  fullMb: number;
  backMb: number;
  /** Composing processes when all had come back, and what they take together. */
  composing: number;
  composingMb: number;
  /** Acked before and after, looked up on the disk and found the same. */
  checkedBytes: number;
}

const perRecording = 10;
/** So little that no window is ever complete: what is measured then is the upload, not the film. */
const fewBytes = 400;
/** Longer than a storm lasts. */
const footageMs = 120_000;

/** `bytesPerSecond`: of each. From about 15 000 on that is a film, which is composed meanwhile. */
export async function storm(count: number, bytesPerSecond = fewBytes, limitMs = 30_000): Promise<Storm> {
  const server = await TestServer.open({
    DOUBLETAKE_GRACE_MS: "600000",
    DOUBLETAKE_LOG_LEVEL: "warn",
    UV_THREADPOOL_SIZE: "16",
  });
  const drones: Drone[] = [];
  try {
    await server.stop("SIGTERM");
    const tracks = await tracksIn(server.dataFolder, count);
    await server.start();
    const restMb = memoryMb(server.pid);
    const durationMs = bytesPerSecond > fewBytes ? footageMs : footageMs / 6;
    const footage = await makeFootage({ participant: 1, durationMs, trueMs: 0, width: 160, height: 96 });
    for (const track of tracks) drones.push(await Drone.start({ ...track, url: server.url, footage, bytesPerSecond, samples: [] }));
    await poll(() => drones.every((drone) => drone.acked > 0), { what: `${count} uploads are under way`, limitMs: 120_000 });
    const fullMb = memoryMb(server.pid);

    await server.stop("SIGKILL");
    let checkedBytes = look(server, drones);
    const before = drones.map((drone) => drone.acked);
    await server.start();
    const times = await comeBack(drones, before, limitMs);
    const processes = composingOf(server.pid);
    const memory = {
      backMb: memoryMb(server.pid),
      composing: processes.length,
      composingMb: processes.reduce((sum, pid) => sum + memoryMb(pid), 0),
    };
    checkedBytes += look(server, drones);
    const medianMs = Math.round(times[times.length >> 1] ?? 0);
    return { drones: count, bytesPerSecond, medianMs, lastMs: Math.round(times.at(-1) ?? 0), restMb, fullMb, ...memory, checkedBytes };
  } finally {
    await Promise.all(drones.map((drone) => drone.vanish()));
    await server.close();
  }
}

/** How long each took until more of it was acked than before, ms, in order. */
async function comeBack(drones: Drone[], before: number[], limitMs: number): Promise<number[]> {
  const backAfter = new Map<number, number>();
  const from = performance.now();
  await poll(
    () => {
      for (const [index, drone] of drones.entries())
        if (!backAfter.has(index) && drone.acked > (before[index] ?? 0)) backAfter.set(index, performance.now() - from);
      return backAfter.size === drones.length;
    },
    { what: "all have resumed", limitMs, everyMs: 50 },
  ).catch((cause: unknown) => {
    throw new Error(`fault 32: ${backAfter.size} of ${drones.length} had resumed after ${limitMs} ms`, { cause });
  });
  return [...backAfter.values()].toSorted((a, b) => a - b);
}

/** Every acked byte is in its file; answers how many there are. */
function look(server: TestServer, drones: Drone[]): number {
  let checked = 0;
  for (const { acked, options, segment, recorded } of drones) {
    const held = readFileSync(join(server.dataFolder, "recordings", options.recording, "tracks", options.track, `${segment.id}.webm`));
    if (!held.subarray(0, acked).equals(recorded.subarray(0, acked)))
      throw new Error(`I1: segment=${segment.id} acked=${acked} on disk=${held.length}, or other bytes`);
    checked += acked;
  }
  return checked;
}

/** Written straight into the catalog: five hundred people who join one by one would take longer than the storm. */
async function tracksIn(folder: string, count: number): Promise<{ recording: string; track: string; token: string }[]> {
  const catalog = await Catalog.open(`${folder}/catalog.sqlite`);
  const keys = new Keys(folder);
  const out: { recording: string; track: string; token: string }[] = [];
  try {
    while (out.length < count) {
      const room = await catalog.addRoom("Storm");
      const recording = await catalog.addRecording({ roomId: room.id, startedAt: Date.now(), zeroMs: performance.now(), epoch: "storm" });
      for (let index = 0; index < Math.min(perRecording, count - out.length); index++) {
        const id = `par_${String(out.length + index).padStart(26, "0")}`;
        await catalog.saveParticipant({ id, roomId: room.id, name: `Drone ${index}`, role: "guest", consentedAt: Date.now() });
      }
      const first = out.length;
      for (let index = first; index < Math.min(first + perRecording, count); index++) {
        const track = await catalog.trackFor(recording.id, `par_${String(index).padStart(26, "0")}`, "camera");
        out.push({ recording: recording.id, track: track.id, token: keys.track(track.id) });
      }
    }
    return out;
  } finally {
    await catalog.close();
  }
}
