// `npm run soak -- --minutes 30 [--people 2]`: a call that is recorded for as long as that, each person in a browser of their own. Told are the memory
// of every tab and of the server over time and how fast it grows, how many pictures a second everybody sees, and whether the recording is whole.
// With `--views` something else: see `soakviews.ts`.
import { loadavg } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { cameraFile } from "../bench/call/picture.ts";
import { ownMemoryOf } from "../bench/call/processes.ts";
import { watchTraffic, waysOf } from "../bench/call/traffic.ts";
import { table } from "../bench/table.ts";
import { composingOf } from "./chaos/world.ts";
import { TestBrowser } from "./rig/browser.ts";
import build from "./rig/build.ts";
import type { Person } from "./rig/person.ts";
import { place } from "./rig/place.ts";
import { descendantsOf } from "./rig/processes.ts";
import { TestServer } from "./rig/server.ts";
import { slopeOf } from "./rig/slope.ts";
import { percentile } from "./rig/sound.ts";
import { soakViews } from "./soakviews.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    people: { type: "string", default: "2" },
    views: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
const people = Number(values.people);
const names = ["Asha", "Ben", "Chen", "Dina", "Emil", "Fay"].slice(0, people);
const everyMs = 15_000;
/** Code is compiled, buffers find their size: not counted. A quarter of the time, five minutes at most. */
const warmMs = Math.min(5, minutes / 4) * 60_000;
/** The recording is whole when no second of it is missing at either end. */
const endsMs = 1500;

/** Bytes, by what they are of. */
type Look = { atMs: number; memory: Record<string, number>; pictures: number[] };

interface Seat {
  name: string;
  browser: TestBrowser;
  person: Person;
}

async function main(): Promise<void> {
  build();
  const folder = place("soak");
  const server = await TestServer.open();
  const seats: Seat[] = [];
  try {
    const camera = cameraFile(folder.path, { width: 320, height: 180, noise: 6 });
    const room = await server.api.createRoom("Soak");
    for (const [index, name] of names.entries()) {
      const browser = await TestBrowser.open("chromium", { args: camera });
      const person = await browser.person(index + 1, { picture: "device", untouched: true, storage: "profile" });
      seats.push({ name, browser, person });
      await watchTraffic(person);
      await person.join(index === 0 ? room.hostUrl : room.guestUrl, { name });
    }
    for (const { person, name } of seats) for (const other of names) if (other !== name) await person.watches(other);
    await seats[0]!.person.click("button", "Record");
    const { id } = await server.api.recordingOf(room.id);
    const looks = await look(seats, server);
    await seats[0]!.person.click("button", "Stop recording");
    for (const { person } of seats) await person.readsSafe(120_000);
    report(looks);
    await judge(server, id);
  } finally {
    await Promise.all(seats.map(({ browser }) => browser.close()));
    await server.close();
    folder.close();
  }
}

async function look(seats: Seat[], server: TestServer): Promise<Look[]> {
  const looks: Look[] = [];
  const startMs = performance.now();
  const seen = async () => (await Promise.all(seats.map(({ person }) => waysOf(person)))).flat().map(({ picturesSeen }) => picturesSeen);
  let [before, beforeMs] = [await seen(), performance.now()];
  for (let at = 1; at * everyMs <= minutes * 60_000; at++) {
    await wait(Math.max(0, startMs + at * everyMs - performance.now()));
    const [now, nowMs] = [await seen(), performance.now()];
    const pictures = now.map((count, way) => ((count - (before[way] ?? 0)) * 1000) / (nowMs - beforeMs));
    [before, beforeMs] = [now, nowMs];
    const memory: Look["memory"] = {};
    for (const { name, browser, person } of seats) {
      memory[`${name}'s tab: JavaScript`] = await heapOf(person);
      const processes = [...(browser.pid === undefined ? [] : [browser.pid]), ...descendantsOf(browser.pid)];
      memory[`${name}'s browser: all processes`] = processes.reduce((sum, pid) => sum + ownMemoryOf(pid), 0);
    }
    memory["server"] = ownMemoryOf(server.pid);
    memory["server: composing"] = composingOf(server.pid).reduce((sum, pid) => sum + ownMemoryOf(pid), 0);
    looks.push({ atMs: nowMs - startMs, memory, pictures });
    const megabytes = Object.values(memory).map((bytes) => (bytes / 1e6).toFixed(0));
    console.log(
      `${((nowMs - startMs) / 60_000).toFixed(2)} min: ${megabytes.join(" ")} MB, ${Math.min(...pictures).toFixed(1)} pictures/s at least`,
    );
  }
  return looks;
}

/** After collecting what is garbage, or the slope would be the collector's. */
async function heapOf({ page }: Person): Promise<number> {
  const session = await page.createCDPSession();
  try {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  } finally {
    await session.detach();
  }
}

function report(looks: readonly Look[]): void {
  const warm = looks.filter(({ atMs }) => atMs > warmMs);
  const rows = Object.keys(looks[0]?.memory ?? {}).map((what) => {
    const bytes = warm.map(({ memory }) => memory[what] ?? 0);
    const slope = slopeOf(warm.map(({ atMs, memory }) => ({ x: atMs / 3.6e6, y: (memory[what] ?? 0) / 1e6 })));
    const sized = [bytes[0] ?? 0, bytes.at(-1) ?? 0, Math.max(0, ...bytes)].map((each) => each / 1e6);
    return [what, ...sized, slope?.perX ?? Number.NaN, slope?.within ?? Number.NaN];
  });
  const pictures = warm.flatMap((each) => each.pictures);
  console.log(`\n${table([[`${people} people, ${minutes} min, MB`, "when warm", "at the end", "most", "MB an hour", "±"], ...rows])}`);
  console.log(
    `Pictures a second seen: p50 ${percentile(pictures, 50).toFixed(1)}, p5 ${percentile(pictures, 5).toFixed(1)}. ` +
      `Warm after ${(warmMs / 60_000).toFixed(1)} min; load ${loadavg()[0]!.toFixed(1)}.`,
  );
}

async function judge(server: TestServer, id: string): Promise<void> {
  const recording = await server.api.settles(id, ["ready", "partial"], 300_000);
  const { state, tracks, durationMs, problems } = recording;
  for (const { participant, bytes, gaps, segments } of tracks) {
    const [fromMs, toMs] = [segments[0]?.startMs ?? 0, segments.at(-1)?.endMs ?? 0];
    console.log(
      `${participant.name}: ${(bytes / 1e6).toFixed(0)} MB in ${segments.length} segments, ${(fromMs / 1000).toFixed(1)} to ${(toMs / 1000).toFixed(1)} of ${(durationMs / 1000).toFixed(1)} s, ${gaps.length} gaps`,
    );
  }
  const whole = tracks.every(
    ({ state: now, gaps, segments }) =>
      now === "safe" &&
      gaps.length === 0 &&
      (segments[0]?.startMs ?? endsMs) < endsMs &&
      durationMs - (segments.at(-1)?.endMs ?? 0) < endsMs,
  );
  console.log(`The recording is ${state}${whole && tracks.length === people ? " and whole" : ""}.`);
  if (state !== "ready" || !whole || tracks.length !== people) throw new Error(`the recording is not whole: ${JSON.stringify(problems)}`);
}

await (values.views ? soakViews(minutes) : main());
