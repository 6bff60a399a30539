// How soon a call is back after the network is: from the moment the line carries again, or has another address, the laptop is awake or the server
// answers, until each of two people sees the other move again and is in the room, the latest of all. `npm run bench -- back [runs] [pair] [breaks]`;
// pairs: cc, cf (it happens to the second one); breaks: a word of one's name ("address", "cable"), or seconds of nothing, with commas between; needs root.
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { Api } from "../journeys/rig/api.ts";
import { type Kind, TestBrowser } from "../journeys/rig/browser.ts";
import build from "../journeys/rig/build.ts";
import type { Person } from "../journeys/rig/person.ts";
import { poll } from "../journeys/rig/poll.ts";
import { descendantsOf } from "../journeys/rig/processes.ts";
import { adminKey, TestServer } from "../journeys/rig/server.ts";
import { percentile } from "../journeys/rig/sound.ts";
import { type Site, Wire } from "../journeys/rig/wire.ts";
import { table } from "./table.ts";

/** From the line's coming back. */
const goalMs = 2000;
const legMs = 20;
/** The call rests between two breaks, and its bandwidth is found again. */
const restMs = 8000;
/** Longer between two pictures is no picture: the other one stood still. */
const stillMs = 500;
/** It moves again when it has moved for so long; whoever has not stood still for so long after the break never does. */
const movesMs = 4000;

/** What it can happen to: the second one's line and browser, the first one's line, and the server. */
interface Scene {
  site: Site;
  other: Site;
  browser: TestBrowser;
  server: TestServer;
}

const cut = (seconds: number) => async (scene: Scene) => {
  await scene.site.cut();
  await wait(seconds * 1000);
  await scene.site.set({ delayMs: legMs });
};

/** Nothing of the browser runs, and nothing reaches it. */
const asleep =
  (seconds: number, waking: (site: Site) => Promise<void> = async () => undefined) =>
  async ({ site, browser }: Scene) => {
    const all = [browser.pid!, ...descendantsOf(browser.pid)];
    await site.cut();
    for (const pid of all) process.kill(pid, "SIGSTOP");
    await wait(seconds * 1000);
    await waking(site);
    await site.set({ delayMs: legMs });
    for (const pid of all) process.kill(pid, "SIGCONT");
  };

/** What happens; resolves when the line carries again. */
const breaks: Record<string, (scene: Scene) => Promise<void>> = {
  "1 s of nothing": cut(1),
  "5 s of nothing": cut(5),
  "30 s of nothing": cut(30),
  "the cable out for 5 s": async ({ site }) => {
    await site.unplug();
    await wait(5000);
    await site.plug();
  },
  "another address": ({ site }) => site.move(),
  "another address for both": async ({ site, other }) => {
    await Promise.all([site.move(), other.move()]);
  },
  "a laptop asleep for 30 s": asleep(30),
  "asleep for 30 s, then elsewhere": asleep(30, (site) => site.move()),
  "the server killed, and started again after 5 s": async ({ server }) => {
    await server.stop("SIGKILL");
    await wait(5000);
    await server.start();
  },
};

/** All of them, or those that are asked for. */
function breaksOf(asked: string | undefined): [string, (scene: Scene) => Promise<void>][] {
  if (!asked) return Object.entries(breaks);
  return asked.split(",").map((word) => {
    if (Number(word) > 0) return [`${word} s of nothing`, cut(Number(word))];
    const found = Object.entries(breaks).find(([name]) => name.includes(word));
    if (!found) throw new Error(`There is no break “${word}”.`);
    return found;
  });
}

/** When, by the wall clock, which is one on this machine, a picture of somebody else was shown, and when it was last said that the room is gone. */
const watchSource = `
globalThis.shownMs = [];
globalThis.goneMs = 0;
const watched = new WeakSet();
setInterval(() => {
  if (document.querySelector(".notices").textContent.includes("connection to the room is gone")) goneMs = Date.now();
  for (const video of document.querySelectorAll("video")) {
    if (video.muted || !video.srcObject || watched.has(video)) continue;
    watched.add(video);
    const see = () => { shownMs.push(Date.now()); video.requestVideoFrameCallback(see); };
    video.requestVideoFrameCallback(see);
  }
}, 20);
undefined;
`;

export async function back(args: string[]): Promise<void> {
  const runs = Number(args[0] ?? 5);
  const kinds: [Kind, Kind] = ["chromium", args[1] === "cf" ? "firefox" : "chromium"];
  const happenings = breaksOf(args[2]);
  build();
  const wire = await Wire.open();
  const server = await TestServer.open({ DOUBLETAKE_HOST: "0.0.0.0" });
  const origin = wire.origin(server.port);
  const room = await new Api(origin, adminKey).createRoom("Back");
  const browsers: TestBrowser[] = [];
  const rows: (string | number)[][] = [[`${kinds.join("–")}, ${runs} runs each, ms`, "median", "most"]];
  let most = 0;
  try {
    const sites: Site[] = [];
    const people: Person[] = [];
    for (const [index, kind] of kinds.entries()) {
      const site = await wire.site(["asha", "ben"][index]!, { delayMs: legMs });
      const browser = await TestBrowser.open(kind, { at: { site, origin } });
      sites.push(site);
      browsers.push(browser);
      const person = await browser.person(index + 1, { width: 320, height: 180 });
      await person.join(index === 0 ? room.hostUrl : room.guestUrl, { name: ["Asha", "Ben"][index]! });
      people.push(person);
    }
    await Promise.all([people[0]!.watches("Ben"), people[1]!.watches("Asha")]);
    for (const person of people) await person.page.evaluate(watchSource);
    for (const [name, happen] of happenings) {
      const figures: number[] = [];
      for (let run = 0; run < runs; run++) {
        await wait(restMs);
        await happen({ site: sites[1]!, other: sites[0]!, browser: browsers[1]!, server });
        const sinceMs = Date.now();
        const each = await Promise.all(people.map((person) => seenAgain(person, sinceMs)));
        figures.push(Math.max(...each) - sinceMs);
      }
      most = Math.max(most, ...figures);
      rows.push([name, Math.round(percentile(figures, 50)), Math.max(...figures)]);
      // Each when it is known: the next one may break off.
      console.log(table(rows));
    }
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await server.close();
    await wire.close();
  }
  console.log(`Goal: at most ${goalMs} ms: ${most > goalMs ? "missed" : "reached"}.`);
}

/** When the other one moved again, and the room was there; `sinceMs` where they never stood still and it never was gone. */
async function seenAgain(person: Person, sinceMs: number): Promise<number> {
  return await poll(
    async () => {
      const shown = (await person.page.evaluate(`shownMs = shownMs.filter((ms) => ms > ${sinceMs})`)) as number[];
      const again = shown.findLast((ms, index) => ms - (shown[index - 1] ?? sinceMs) > stillMs) ?? sinceMs;
      const goneMs = (await person.page.evaluate("goneMs")) as number;
      return (shown.at(-1) ?? 0) - Math.max(again, goneMs) > movesMs && Math.max(again, goneMs);
    },
    { what: "the other one moves again", limitMs: 90_000, everyMs: 50 },
  );
}
