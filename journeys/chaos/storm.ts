// Fault 32: everybody comes back at once after kill -9 of the server. Participants without browsers, by the product's own uploader.
import { readFileSync } from "node:fs";
import { Catalog } from "../../server/store/catalog.ts";
import { Keys } from "../../server/store/keys.ts";
import { Drone } from "../rig/drone.ts";
import { makeFootage } from "../rig/footage.ts";
import { poll } from "../rig/poll.ts";
import { TestServer } from "../rig/server.ts";

export interface Storm {
  drones: number;
  /** From the server's answer after its restart to each drone's next ack. */
  medianMs: number;
  lastMs: number;
  /** Of the server's process: before anybody came, with everybody there, and when all had come back. */
  restMb: number;
  fullMb: number;
  backMb: number;
}

const perRecording = 10;
/** So little that no window is ever complete: what is measured is the upload, not the film. */
const bytesPerSecond = 400;

export async function storm(count: number, limitMs = 30_000): Promise<Storm> {
  const server = await TestServer.open({ DOUBLETAKE_GRACE_MS: "600000", DOUBLETAKE_LOG_LEVEL: "warn" });
  const drones: Drone[] = [];
  try {
    await server.stop("SIGTERM");
    const tracks = await tracksIn(server.dataFolder, count);
    await server.start();
    const restMb = memoryMb(server.pid);
    const footage = await makeFootage({ participant: 1, durationMs: 4000, trueMs: 0, width: 160, height: 96 });
    for (const track of tracks) drones.push(await Drone.start({ ...track, url: server.url, footage, bytesPerSecond, samples: [] }));
    await poll(() => drones.every((drone) => drone.acked > 0), { what: `${count} uploads are under way`, limitMs: 120_000 });
    const fullMb = memoryMb(server.pid);

    await server.stop("SIGKILL");
    const before = drones.map((drone) => drone.acked);
    const backAfter = new Map<number, number>();
    await server.start();
    const from = performance.now();
    await poll(
      () => {
        for (const [index, drone] of drones.entries())
          if (!backAfter.has(index) && drone.acked > (before[index] ?? 0)) backAfter.set(index, performance.now() - from);
        return backAfter.size === count;
      },
      { what: `all ${count} have resumed`, limitMs, everyMs: 50 },
    ).catch((cause: unknown) => {
      throw new Error(`fault 32: ${backAfter.size} of ${count} had resumed after ${limitMs} ms`, { cause });
    });
    const times = [...backAfter.values()].toSorted((a, b) => a - b);
    const medianMs = Math.round(times[times.length >> 1] ?? 0);
    return { drones: count, medianMs, lastMs: Math.round(times.at(-1) ?? 0), restMb, fullMb, backMb: memoryMb(server.pid) };
  } finally {
    await Promise.all(drones.map((drone) => drone.vanish()));
    await server.close();
  }
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

function memoryMb(pid: number | undefined): number {
  const [, kilobytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}
