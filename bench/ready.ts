// How long after Stop the film is complete, through the real server: once with bytes sent as recorders would send them, once with real browsers.
// `npm run bench -- ready [seconds] [runs]`

import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { TestBrowser } from "../journeys/rig/browser.ts";
import build from "../journeys/rig/build.ts";
import { makeFootage } from "../journeys/rig/footage.ts";
import { poll } from "../journeys/rig/poll.ts";
import { Sender } from "../journeys/rig/sender.ts";
import { TestServer } from "../journeys/rig/server.ts";
import { percentile } from "../journeys/rig/sound.ts";
import { table } from "./table.ts";

interface Figures {
  /** From the click on Stop, ms. */
  fromStopMs: number;
  /** From the moment the last track was whole on the server, ms. */
  fromLastByteMs: number;
}

const nowMs = () => performance.timeOrigin + performance.now();

export async function ready(args: string[]): Promise<void> {
  const seconds = Number(args[0] ?? 20);
  const runs = Number(args[1] ?? 3);
  build();
  const ways: [string, (server: TestServer) => Promise<Figures>][] = [
    ["two senders", (server) => bySenders(server, seconds * 1000)],
    ["two Chromiums, 1280×720", (server) => byBrowsers(server, seconds * 1000)],
  ];
  const rows: (string | number)[][] = [
    [`${seconds} s recorded, ${runs} runs`, "Stop → film ms: median", "worst", "last byte → film ms: median", "worst"],
  ];
  const server = await TestServer.open();
  try {
    for (const [name, run] of ways) {
      const figures: Figures[] = [];
      for (let i = 0; i < runs; i++) figures.push(await run(server));
      const column = (of: (each: Figures) => number) => [50, 100].map((share) => Math.round(percentile(figures.map(of), share)));
      rows.push([name, ...column((each) => each.fromStopMs), ...column((each) => each.fromLastByteMs)]);
    }
  } finally {
    await server.close();
  }
  console.log(table(rows));
}

async function bySenders(server: TestServer, durationMs: number): Promise<Figures> {
  const room = await server.api.createRoom("Bench");
  const senders = [await Sender.join(server.url, room, room.hostKey, "Asha"), await Sender.join(server.url, room, room.guestKey, "Ben")];
  const footage = await Promise.all(
    senders.map((_, index) => makeFootage({ participant: index + 1, durationMs, trueMs: 0, width: 1280, height: 720 })),
  );
  senders[0]?.call.say({ type: "record" });
  const { id } = await server.api.recordingOf(room.id);
  const finishes = await Promise.all(senders.map((sender, index) => stream(sender, id, footage[index] ?? new Uint8Array(), durationMs)));
  const stoppedMs = nowMs();
  senders[0]?.call.say({ type: "stop" });
  await Promise.all(finishes.map((finish) => finish()));
  const lastByteMs = nowMs();
  return await awaitFilm(server, id, stoppedMs, lastByteMs);
}

/** Sends as recorded: every second a second's worth of bytes. Answers with what is left to do at Stop. */
async function stream(sender: Sender, recording: string, bytes: Uint8Array<ArrayBuffer>, durationMs: number): Promise<() => Promise<void>> {
  const { line } = await sender.openTrack(recording);
  const startMs = nowMs();
  const segment = sender.openSegment(line, startMs);
  await line.hears("offset");
  const chunks = Math.floor(durationMs / 1000);
  const endOf = (chunk: number) => Math.round((bytes.length * (chunk + 1)) / chunks);
  const send = (chunk: number) =>
    sender.sendChunk(line, bytes.subarray(chunk === 0 ? 0 : endOf(chunk - 1), endOf(chunk)), chunk === 0 ? 0 : endOf(chunk - 1), chunk);
  for (let chunk = 0; chunk < chunks - 1; chunk++) {
    await wait(Math.max(0, startMs + (chunk + 1) * 1000 - nowMs()));
    send(chunk);
  }
  await wait(Math.max(0, startMs + durationMs - nowMs()));
  return async () => {
    send(chunks - 1);
    line.say({ type: "finish", segment, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
    await line.hears("sealed");
    line.say({ type: "end", segments: [segment] });
    await line.hears("ended");
    line.close();
    sender.leave();
  };
}

async function byBrowsers(server: TestServer, durationMs: number): Promise<Figures> {
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
    return await awaitFilm(server, id, stoppedMs, lastByteMs);
  } finally {
    await browser.close();
  }
}

async function awaitFilm(server: TestServer, id: string, stoppedMs: number, lastByteMs: number): Promise<Figures> {
  const recording = await server.api.settles(id, ["ready"], 120_000);
  const readyMs = Date.parse(recording.composition.readyAt ?? "");
  return { fromStopMs: readyMs - stoppedMs, fromLastByteMs: readyMs - lastByteMs };
}
