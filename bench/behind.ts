// How far the growing film is behind the call for somebody who watches it grow: the true time that the camera shows in the film, beside the clock.
// `npm run bench -- behind [seconds]`: one participant, then two, watched in Chromium and in Firefox, one after the other.
import { setTimeout as wait } from "node:timers/promises";
import { type Kind, TestBrowser } from "../journeys/rig/browser.ts";
import build from "../journeys/rig/build.ts";
import { difference, readCode, timeModulo } from "../journeys/rig/code.ts";
import type { Person } from "../journeys/rig/person.ts";
import { poll } from "../journeys/rig/poll.ts";
import { TestServer } from "../journeys/rig/server.ts";
import { percentile } from "../journeys/rig/sound.ts";
import { table } from "./table.ts";

/** What one would expect of such a film; there is no bound to be within. */
const aimMs = 5000;
const everyMs = 500;
/** Whoever began further behind is brought near by then: so many looks are told apart. */
const lastLooks = 20;
const camera = { width: 320, height: 180 };

export async function behind(args: string[]): Promise<void> {
  const seconds = Number(args[0] ?? 30);
  build();
  const rows: (string | number)[][] = [
    [`${seconds} s, ms behind the call`, "least", "median", "p95", "most", "last ten seconds", "unread", "page to picture"],
  ];
  for (const people of [1, 2])
    for (const kind of ["chromium", "firefox"] as const) {
      rows.push([`${people === 1 ? "one person" : "two people"}, watched in ${kind}`, ...(await watched(people, kind, seconds))]);
      console.log(table(rows));
    }
  console.log(`Aim: about ${aimMs} ms.`);
}

async function watched(people: number, kind: Kind, seconds: number): Promise<number[]> {
  const server = await TestServer.open();
  const [recorder, viewer] = [await TestBrowser.open("chromium"), await TestBrowser.open(kind)];
  try {
    const room = await server.api.createRoom("Behind");
    const asha = await recorder.person(1, camera);
    await asha.join(room.hostUrl, { name: "Asha" });
    if (people === 2) await (await recorder.person(2, camera)).join(room.guestUrl, { name: "Ben" });
    await asha.click("button", "Record");
    const { id } = await server.api.recordingOf(room.id);
    await poll(async () => (await server.api.recording(id)).composition.watermarkMs > 0, { what: "the film begins" });
    const watcher = await viewer.person(4);
    const openedMs = performance.now();
    await watcher.page.goto(`${server.url}/v/${id}#${room.observerKey}`);
    await watcher.sees("button", "Live");
    await watcher.click("button", "Play");
    await watcher.plays("Recording");
    const seenMs = performance.now() - openedMs;
    const lags: number[] = [];
    let unread = 0;
    for (const untilMs = performance.now() + seconds * 1000; performance.now() < untilMs; await wait(everyMs)) {
      const lag = await lagOf(watcher, people);
      if (lag === null) unread++;
      else lags.push(lag);
    }
    const sorted = [
      Math.min(...lags),
      percentile(lags, 50),
      percentile(lags, 95),
      Math.max(...lags),
      percentile(lags.slice(-lastLooks), 50),
    ];
    return [...sorted, unread, seenMs].map(Math.round);
  } finally {
    await Promise.all([recorder.close(), viewer.close()]);
    await server.close();
  }
}

/** How old the picture on the left is that stands in the film right now, ms; null: no code could be read in it. */
async function lagOf(watcher: Person, people: number): Promise<number | null> {
  const [width, height] = [640, 360];
  const [luma, nowMs] = (await watcher.page.evaluate(`(() => {
    const video = document.querySelector('video[aria-label="Recording"]');
    const canvas = new OffscreenCanvas(${width}, ${height});
    const context = canvas.getContext("2d");
    context.drawImage(video, 0, 0, ${width}, ${height});
    const nowMs = performance.timeOrigin + performance.now();
    const { data } = context.getImageData(0, 0, ${width}, ${height});
    return [btoa(Array.from({ length: ${width * height} }, (_, at) => String.fromCharCode(data[at * 4 + 1])).join("")), nowMs];
  })()`)) as [string, number];
  const bytes = Buffer.from(luma, "base64");
  // Two stand side by side, each half as wide and half as high, in the middle.
  const [left, top, wide, high] = people === 1 ? [0, 0, width, height] : [0, height / 4, width / 2, height / 2];
  const code = readCode((x, y) => bytes[Math.floor(top + y * high) * width + Math.floor(left + x * wide)] ?? 0);
  return code && difference(nowMs % timeModulo, code.trueMs);
}
