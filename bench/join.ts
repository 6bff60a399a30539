// How long from the press of Join to the first picture of somebody else, beside a bare page with one RTCPeerConnection: the same browsers, server
// and network, one after the other in one run. `npm run bench -- join [runs]`; the delayed rows need root (network namespaces).
import type { Page } from "puppeteer-core";
import { Api } from "../journeys/rig/api.ts";
import { TestBrowser } from "../journeys/rig/browser.ts";
import build from "../journeys/rig/build.ts";
import type { Person } from "../journeys/rig/person.ts";
import { adminKey, TestServer } from "../journeys/rig/server.ts";
import { percentile } from "../journeys/rig/sound.ts";
import { Wire } from "../journeys/rig/wire.ts";
import { bareEntry, bareOpened, watchSource } from "./join/bare.ts";
import { table } from "./table.ts";

/** One way between a person's namespace and the server's, so twice that from person to person. */
const legMs = 25;
/** `p95Ms`: with the delay. */
const goal = { ratio: 1.25, p95Ms: 1200 };
/** Somebody who left is gone from the room, and both machines are at rest. */
const restMs = 300;
const camera = { picture: "device" as const };

interface Ground {
  origin: string;
  host: TestBrowser;
  guest: TestBrowser;
}

export async function join(args: string[]): Promise<void> {
  const runs = Number(args[0] ?? 20);
  build();
  const rows: (string | number)[][] = [[`${runs} runs each, ms`, "bare: median", "p95", "Doubletake: median", "p95", "ratio of medians"]];
  let missed = false;
  for (const [name, walk, p95Ms] of [
    ["loopback", onLoopback, Number.POSITIVE_INFINITY],
    [`${2 * legMs} ms from person to person`, onWire, goal.p95Ms],
  ] as const) {
    const { bare, ours } = await walk((ground) => both(ground, runs));
    const column = (figures: number[]) => [percentile(figures, 50), percentile(figures, 95)];
    const ratio = percentile(ours, 50) / percentile(bare, 50);
    rows.push([name, ...column(bare).map(Math.round), ...column(ours).map(Math.round), Math.round(ratio * 100) / 100]);
    // Each when it is known: the next one may break off.
    console.log(table(rows));
    missed ||= ratio > goal.ratio || percentile(ours, 95) > p95Ms;
  }
  console.log(`Goal: a ratio of at most ${goal.ratio}, and ${goal.p95Ms} ms at p95 with the delay: ${missed ? "missed" : "reached"}.`);
}

type Figures = { bare: number[]; ours: number[] };

async function onLoopback(use: (ground: Ground) => Promise<Figures>): Promise<Figures> {
  const server = await TestServer.open();
  const [host, guest] = [await TestBrowser.open("chromium"), await TestBrowser.open("chromium")];
  try {
    return await use({ origin: server.url, host, guest });
  } finally {
    await Promise.all([host.close(), guest.close()]);
    await server.close();
  }
}

async function onWire(use: (ground: Ground) => Promise<Figures>): Promise<Figures> {
  const wire = await Wire.open();
  const server = await TestServer.open({ DOUBLETAKE_HOST: "0.0.0.0" });
  const origin = wire.origin(server.port);
  const browsers: TestBrowser[] = [];
  try {
    for (const name of ["host", "guest"]) {
      const site = await wire.site(name, { delayMs: legMs });
      browsers.push(await TestBrowser.open("chromium", { at: { site, origin } }));
    }
    const [host, guest] = browsers as [TestBrowser, TestBrowser];
    return await use({ origin, host, guest });
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await server.close();
    await wire.close();
  }
}

/** Alternately, so that both meet the same weather; the first of each warms up and is not counted. */
async function both({ origin, host, guest }: Ground, runs: number): Promise<Figures> {
  const api = new Api(origin, adminKey);
  const [bareRoom, ourRoom] = [await api.createRoom("Bare"), await api.createRoom("Ours")];
  const bareHost = await bareOpened(await host.person(1, camera), origin);
  await bareHost.page.evaluate(`bareJoin(${bareEntry(bareRoom.id, bareRoom.hostKey, "Asha")})`);
  await bareHost.page.waitForFunction("globalThis.bareJoined");
  const ourHost = await host.person(1, camera);
  await ourHost.join(ourRoom.hostUrl, { name: "Asha" });
  const figures: Figures = { bare: [], ours: [] };
  for (let run = 0; run <= runs; run++) {
    const bare = await barely(await bareOpened(await guest.person(2, camera), origin), bareEntry(bareRoom.id, bareRoom.guestKey, "Ben"));
    const ours = await truly(await guest.person(2, camera), ourRoom.guestUrl);
    if (run === 0) continue;
    figures.bare.push(bare);
    figures.ours.push(ours);
  }
  return figures;
}

async function barely(person: Person, entry: string): Promise<number> {
  await person.page.evaluate(watchSource);
  await rest(person.page);
  const ms = await person.page.evaluate(`(() => {
    const startMs = performance.now();
    bareJoin(${entry});
    return firstPicture.then((now) => now - startMs);
  })()`);
  await person.page.evaluate("bareLeave()");
  await person.close();
  return Number(ms);
}

/** The lobby is done with its checks: nobody presses Join while the page still loads. That a name was filled in just before is what opens the socket
 * ahead, as the pointer does that comes to the button. */
async function truly(person: Person, url: string): Promise<number> {
  await person.page.goto(url);
  await person.plays("Preview");
  await person.reads(/Mbit\/s/);
  await person.fill("Your name", "Ben");
  await person.page.evaluate(watchSource);
  await rest(person.page);
  const ms = await person.page.evaluate(`(() => {
    const startMs = performance.now();
    document.querySelector('form button[type="submit"]').click();
    return firstPicture.then((now) => now - startMs);
  })()`);
  await person.click("button", "Leave");
  await person.close();
  return Number(ms);
}

async function rest(page: Page): Promise<void> {
  await page.evaluate(`new Promise((resolve) => setTimeout(resolve, ${restMs}))`);
}
