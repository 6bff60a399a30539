// Time to watch: how long after Stop the film is complete, by the length of the call, by how many rooms stop at once, and with real browsers; and how
// many rooms one machine composes before the film falls behind.
// `npm run bench:ready -- [seconds] [runs] [minutes,minutes…]`; 60 s, 3 runs and 1,10,60 minutes unless said. 480 for eight hours.
import { TestBrowser } from "../journeys/rig/browser.ts";
import build from "../journeys/rig/build.ts";
import { poll } from "../journeys/rig/poll.ts";
import { TestServer } from "../journeys/rig/server.ts";
import { percentile } from "../journeys/rig/sound.ts";
import { long } from "./ready/long.ts";
import { type Figures, footageOf, rooms } from "./ready/rooms.ts";
import { table } from "./table.ts";

/** The film falls behind when it is this far back at Stop, and further than at half time. */
const behindMs = 15_000;
const roomCounts = [1, 2, 4, 6, 8, 12, 16];

const nowMs = () => performance.timeOrigin + performance.now();
const at = (values: number[], share: number) => Math.round(percentile(values, share));

export async function ready(args: string[]): Promise<void> {
  const seconds = Number(args[0] ?? 60);
  const runs = Number(args[1] ?? 3);
  const minutes = (args[2] ?? "1,10,60").split(",").map(Number);
  build();
  await byLength(minutes, runs);
  await byRooms(seconds * 1000, runs);
  await byBrowsers(seconds * 1000, runs);
}

async function byLength(minutes: number[], runs: number): Promise<void> {
  const rows: (string | number)[][] = [
    [`composer, two people in 1280×720, ${runs} runs`, "windows", "last byte → film ms: median", "worst"],
  ];
  for (const length of minutes) {
    const figures = [];
    for (let run = 0; run < runs; run++) figures.push(await long(length * 60_000));
    const readyMs = figures.map((each) => each.readyMs);
    rows.push([`${length} min`, figures[0]?.windows ?? 0, at(readyMs, 50), at(readyMs, 100)]);
  }
  console.log(`${table(rows)}\n`);
}

async function byRooms(durationMs: number, runs: number): Promise<void> {
  const footage = await footageOf(durationMs);
  const head = ["film behind the call ms: at half", "at Stop", "Stop → film ms: median", "p95", "last byte → film ms: median", "p95"];
  const rows: (string | number)[][] = [[`server, rooms of two in 1280×720, ${durationMs / 1000} s`, ...head]];
  for (const count of roomCounts) {
    const figures: Figures[] = [];
    // What one and four rooms take is stated of several runs; the others only say where the machine ends.
    for (let run = 0; run < (count === 1 || count === 4 ? runs : 1); run++) figures.push(...(await rooms(count, footage, durationMs)));
    const of = (pick: (each: Figures) => number, share: number) => at(figures.map(pick), share);
    const [half, end] = [of((each) => each.behindHalfMs, 50), of((each) => each.behindEndMs, 50)];
    const waits = [(each: Figures) => each.fromStopMs, (each: Figures) => each.fromLastByteMs].flatMap((pick) => [
      of(pick, 50),
      of(pick, 95),
    ]);
    rows.push([`${count} ${count === 1 ? "room" : "rooms"}`, half, end, ...waits]);
    if (end > behindMs && end > half) break;
  }
  console.log(`${table(rows)}\n`);
}

async function byBrowsers(durationMs: number, runs: number): Promise<void> {
  const rows: (string | number)[][] = [
    [
      `two Chromiums, 1280×720, ${durationMs / 1000} s, ${runs} runs`,
      "Stop → film ms: median",
      "worst",
      "last byte → film ms: median",
      "worst",
    ],
  ];
  const figures: Pick<Figures, "fromStopMs" | "fromLastByteMs">[] = [];
  const server = await TestServer.open();
  try {
    for (let run = 0; run < runs; run++) figures.push(await oneCall(server, durationMs));
  } finally {
    await server.close();
  }
  const columns = [figures.map((each) => each.fromStopMs), figures.map((each) => each.fromLastByteMs)];
  rows.push(["", ...columns.flatMap((values) => [at(values, 50), at(values, 100)])]);
  console.log(table(rows));
}

async function oneCall(server: TestServer, durationMs: number): Promise<Pick<Figures, "fromStopMs" | "fromLastByteMs">> {
  const room = await server.api.createRoom("Bench");
  const browser = await TestBrowser.open("chromium");
  try {
    const full = { width: 1280, height: 720 };
    const asha = await browser.person(1, full);
    const ben = await browser.person(2, full);
    await asha.join(room.hostUrl, { name: "Asha" });
    await ben.join(room.guestUrl, { name: "Ben" });
    await asha.watches("Ben");
    await asha.click("button", "Record");
    const { id } = await server.api.recordingOf(room.id);
    await poll(async () => (await server.api.recording(id)).durationMs >= durationMs, { what: "recorded", limitMs: durationMs + 60_000 });
    const stoppedMs = nowMs();
    await asha.click("button", "Stop recording");
    const lastByteMs = await poll(async () => (await server.api.recording(id)).tracks.every(({ state }) => state === "safe") && nowMs(), {
      what: "both tracks are safe",
      everyMs: 20,
    });
    const recording = await server.api.settles(id, ["ready"], 120_000);
    const readyMs = Date.parse(recording.composition.readyAt ?? "");
    return { fromStopMs: readyMs - stoppedMs, fromLastByteMs: readyMs - lastByteMs };
  } finally {
    await browser.close();
  }
}
