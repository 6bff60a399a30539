// What a call of several people costs where everybody is connected to everybody: pictures a second, bits and processor, beside as many bare pages with
// one RTCPeerConnection for each other, which send everybody the whole picture; then the bits by how large somebody is shown.
// `npm run bench -- mesh [people,people…] [seconds]`; 2,4,6 and 20 unless said. All in one Chromium, pictures of 320×180.
import { loadavg } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { TestBrowser } from "../journeys/rig/browser.ts";
import build from "../journeys/rig/build.ts";
import type { Person } from "../journeys/rig/person.ts";
import { place } from "../journeys/rig/place.ts";
import { poll } from "../journeys/rig/poll.ts";
import { TestServer } from "../journeys/rig/server.ts";
import { cameraFile } from "./call/picture.ts";
import { processorSecondsOf } from "./call/processes.ts";
import { type Way, watchTraffic, waysOf } from "./call/traffic.ts";
import { bareEntry, bareOpened } from "./join/bare.ts";
import { table } from "./table.ts";

const names = ["Asha", "Ben", "Chen", "Dina", "Emil", "Fay"] as const;
/** Encoders find their bits, and every page has said how large it shows the others. */
const settleMs = 12_000;

interface Cost {
  /** Of each picture that somebody sees of somebody else: a second, the mean and the worst. */
  pictures: number;
  worst: number;
  height: number;
  /** Sent to each other person. */
  kbps: number;
  browserCores: number;
  serverCores: number;
}

export async function mesh(args: string[]): Promise<void> {
  const counts = (args[0] ?? "2,4,6").split(",").map(Number);
  const seconds = Number(args[1] ?? 20);
  if (Math.max(...counts) > names.length) throw new Error(`at most ${names.length} people`);
  build();
  const folder = place("mesh");
  const camera = cameraFile(folder.path, { width: 320, height: 180, noise: 6 });
  const head = ["pictures/s: mean", "worst", "height sent", "kbit/s to each", "cores: browser", "server", "cores, of bare"];
  const rows: (string | number)[][] = [[`${seconds} s`, ...head]];
  try {
    for (const count of counts) {
      const bare = await meet(
        camera,
        async (browser, server) => await measure(await barely(browser, server, count), browser, server, seconds),
      );
      const { ours, recorded, tiles } = await meet(camera, (browser, server) => truly(browser, server, count, seconds));
      rows.push(row(`${count} people, bare`, bare, bare), row(`${count} people, Doubletake`, ours, bare));
      rows.push(row(`${count} people, everybody recorded`, recorded, bare));
      console.log(`${table(rows)}\nload ${loadavg()[0]!.toFixed(1)}\n`);
      if (count > 2)
        console.log(`${count} people, one of them large in one page:\n${table([["shown, px", "comes, px", "kbit/s"], ...tiles])}\n`);
    }
  } finally {
    folder.close();
  }
}

const row = (name: string, cost: Cost, bare: Cost) => [
  name,
  cost.pictures,
  cost.worst,
  cost.height,
  Math.round(cost.kbps),
  cost.browserCores,
  cost.serverCores,
  (cost.browserCores + cost.serverCores) / (bare.browserCores + bare.serverCores),
];

async function meet<T>(camera: string[], use: (browser: TestBrowser, server: TestServer) => Promise<T>): Promise<T> {
  const server = await TestServer.open();
  const browser = await TestBrowser.open("chromium", { args: camera });
  try {
    return await use(browser, server);
  } finally {
    await browser.close();
    await server.close();
  }
}

async function entering(browser: TestBrowser, index: number): Promise<Person> {
  const person = await browser.person(index + 1, { picture: "device" });
  await watchTraffic(person);
  return person;
}

async function barely(browser: TestBrowser, server: TestServer, count: number): Promise<Person[]> {
  const room = await server.api.createRoom("Bare");
  const people: Person[] = [];
  for (const [index, name] of names.slice(0, count).entries()) {
    const person = await bareOpened(await entering(browser, index), server.url);
    await person.page.evaluate(`bareJoin(${bareEntry(room.id, index === 0 ? room.hostKey : room.guestKey, name)})`);
    await person.page.waitForFunction("globalThis.bareJoined");
    people.push(person);
  }
  return people;
}

async function truly(browser: TestBrowser, server: TestServer, count: number, seconds: number) {
  const room = await server.api.createRoom("Ours");
  const people: Person[] = [];
  for (const [index, name] of names.slice(0, count).entries()) {
    const person = await entering(browser, index);
    await person.join(index === 0 ? room.hostUrl : room.guestUrl, { name });
    people.push(person);
  }
  const [asha] = people as [Person];
  const ours = await measure(people, browser, server, seconds);
  let tiles: number[][] = [];
  if (count > 2) {
    await asha.page.keyboard.press("1");
    await asha.sees("button", "Make Ben small again");
    await wait(settleMs);
    tiles = await tilesOf(asha, seconds);
    await asha.page.keyboard.press("1");
  }
  await asha.click("button", "Record");
  await server.api.recordingOf(room.id);
  const recorded = await measure(people, browser, server, seconds);
  return { ours, recorded, tiles };
}

async function measure(people: Person[], browser: TestBrowser, server: TestServer, seconds: number): Promise<Cost> {
  const all = async () => (await Promise.all(people.map(waysOf))).flat();
  const ways = people.length * (people.length - 1);
  await poll(async () => (await all()).filter(({ picturesSeen }) => picturesSeen > 0).length === ways, {
    what: `${ways} pictures move`,
    limitMs: 120_000,
  });
  await wait(settleMs);
  const [before, startMs, cores] = [await all(), performance.now(), coresSince(browser, server)];
  await wait(seconds * 1000);
  const [after, tookMs, used] = [await all(), performance.now() - startMs, cores()];
  const of = (pick: (way: Way) => number) => after.map((way, index) => ((pick(way) - pick(before[index]!)) * 1000) / tookMs);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const pictures = of(({ picturesSeen }) => picturesSeen);
  return {
    pictures: mean(pictures),
    worst: Math.min(...pictures),
    height: Math.round(mean(after.map(({ sentHeight }) => sentHeight))),
    kbps: (mean(of(({ videoSent, audioSent }) => videoSent + audioSent)) * 8) / 1000,
    ...used,
  };
}

/** Begins to count; answers when asked how many cores were busy with it since. */
function coresSince(browser: TestBrowser, server: TestServer): () => Pick<Cost, "browserCores" | "serverCores"> {
  const now = () => [processorSecondsOf(browser.pid), processorSecondsOf(server.pid)] as const;
  const [browserBefore, serverBefore] = now();
  const startMs = performance.now();
  return () => {
    const [browserAfter, serverAfter] = now();
    const seconds = (performance.now() - startMs) / 1000;
    return { browserCores: (browserAfter - browserBefore) / seconds, serverCores: (serverAfter - serverBefore) / seconds };
  };
}

/** For everybody else in this page, the largest first: how high they are shown, how high their pictures come, and in how many bits. */
async function tilesOf(person: Person, seconds: number): Promise<number[][]> {
  const before = await waysOf(person);
  await wait(seconds * 1000);
  const shown = (await person.page.evaluate(
    `[...document.querySelectorAll("video")].map((video) => [video.srcObject?.getVideoTracks()[0]?.id ?? "", video.clientHeight * devicePixelRatio])`,
  )) as [string, number][];
  const px = new Map(shown);
  return (await waysOf(person))
    .map((way, index) => [
      Math.round(px.get(way.track) ?? 0),
      way.seenHeight,
      Math.round(((way.videoSeen - (before[index]?.videoSeen ?? 0)) * 8) / 1000 / seconds),
    ])
    .sort((a, b) => b[0]! - a[0]!);
}
