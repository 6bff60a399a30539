// `npm run chaos -- --outage 600`: three people with real browsers on lines of their own; for this many seconds one is cut in silence and one
// unplugged. The third stays: a room that everybody has left stops recording.
// Promise: answers only when everything that both recorded is on the server under its hash, without a gap, and the film is complete.
import { setTimeout as lasts } from "node:timers/promises";
import { Api } from "../rig/api.ts";
import { arrives } from "../rig/arrival.ts";
import { TestBrowser } from "../rig/browser.ts";
import type { Person } from "../rig/person.ts";
import { poll } from "../rig/poll.ts";
import { adminKey, TestServer } from "../rig/server.ts";
import { type Site, Wire } from "../rig/wire.ts";
import { filmReady, patience } from "./patience.ts";

export interface Outage {
  seconds: number;
  /** From the end of the outage until new bytes of everybody were safe. */
  resumedMs: number;
  /** … and until all that was kept meanwhile was safe too. */
  caughtUpMs: number;
  /** … and until the three saw each other. */
  seenMs: number;
  bytes: number[];
  /** The complete film's length. */
  filmMs: number;
  /** Holes that the capture itself left, on a machine with too much to do. */
  slips: number;
}

const names = ["Asha", "Bela", "Chandra"];
/** The camera makes half a megabyte in this time: recorded before, and left behind when the outage counts as caught up. */
const aroundMs = 10_000;
const caughtUpBytes = 1_000_000;
/** For the drain of an hour's outage, on a quiet machine. */
const drainMs = 600_000;

export async function outage(seconds: number): Promise<Outage> {
  const wire = await Wire.open();
  const browsers: TestBrowser[] = [];
  const server = await TestServer.open({ DOUBLETAKE_HOST: "0.0.0.0" });
  try {
    const origin = wire.origin(server.port);
    const room = await new Api(origin, adminKey).createRoom("Outage");
    const people: Person[] = [];
    const sites: Site[] = [];
    for (const [index, name] of names.entries()) {
      const site = await wire.site(name.toLowerCase());
      const browser = await TestBrowser.open("chromium", { at: { site, origin } });
      sites.push(site);
      browsers.push(browser);
      const person = await browser.person(index + 1, { width: 320, height: 180 });
      await person.join(index === 0 ? room.hostUrl : room.guestUrl, { name });
      people.push(person);
    }
    const [, bela, chandra] = sites as [Site, Site, Site];
    await people[0]?.click("button", "Record");
    const { id } = await server.api.recordingOf(room.id);
    const safe = async () => (await server.api.recording(id)).tracks.map(({ bytes }) => bytes);
    const written = async () => await Promise.all(people.map(async (person) => (await person.written()).map(({ bytes }) => bytes)[0] ?? 0));
    await lasts(aroundMs);

    await bela.cut();
    await chandra.unplug();
    await lasts(seconds * 1000);
    const before = await safe();
    await bela.set({});
    await chandra.plug();
    const backAt = performance.now();
    const since = () => Math.round(performance.now() - backAt);
    await poll(async () => (await safe()).every((bytes, track) => bytes > (before[track] ?? 0)), {
      what: "bytes of both",
      limitMs: drainMs * patience(),
    });
    const resumedMs = since();
    for (const [index, person] of people.entries())
      for (const name of names.filter((_, other) => other !== index)) await person.watches(name, drainMs * patience());
    const seenMs = since();
    const behind = async () => sum(await written()) - sum(await safe());
    await poll(async () => (await behind()) < caughtUpBytes, {
      what: "what was kept is safe",
      limitMs: drainMs * patience(),
      everyMs: 1000,
    });
    const caughtUpMs = since();

    await people[0]?.click("button", "Stop recording");
    for (const person of people) await person.readsSafe(drainMs * patience());
    const recording = await arrives(server.api, id, people);
    const gaps = recording.tracks.flatMap((track) => track.gaps);
    // A starved machine may lose time while it captures; that is no network's doing.
    if (gaps.some(({ reason }) => reason !== "slip")) throw new Error(`outage: gaps ${JSON.stringify(gaps)}`);
    // They hang up; the film is the server's business alone.
    for (const browser of browsers.splice(0)) await browser.close();
    const { durationMs } = await filmReady(server.api, id);
    return {
      seconds,
      resumedMs,
      caughtUpMs,
      seenMs,
      bytes: recording.tracks.map(({ bytes }) => bytes),
      filmMs: durationMs,
      slips: gaps.length,
    };
  } finally {
    for (const browser of browsers) await browser.close();
    await server.close();
    await wire.close();
  }
}

function sum(of: readonly number[]): number {
  return of.reduce((total, one) => total + one, 0);
}
