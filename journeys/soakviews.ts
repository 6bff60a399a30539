// `npm run soak -- --views [--minutes 30]`: two people's own tracks beside the film for as long as that, in Chromium and in Firefox at once, after a
// recording that took as long. Told is how far each track is from the film, looked at every six seconds. Promise: fails when one is further away
// than people notice, but for what follows a moment in which something did not play.
import { createHash } from "node:crypto";
import { setInterval, setTimeout as wait } from "node:timers/promises";
import { table } from "../bench/table.ts";
import { Container } from "../server/align/container.ts";
import { type Kind, TestBrowser } from "./rig/browser.ts";
import build from "./rig/build.ts";
import { makeFootage } from "./rig/footage.ts";
import { poll } from "./rig/poll.ts";
import { Sender } from "./rig/sender.ts";
import { TestServer } from "./rig/server.ts";
import { percentile } from "./rig/sound.ts";
import { away, chooseView } from "./rig/views.ts";

const names = ["Asha", "Ben"];
const kinds: Kind[] = ["chromium", "firefox"];
const [width, height] = [320, 180];
const everyMs = 5000;
const pingMs = 5000;
/** From the aims of the review page. */
const mostMs = 40;
/** After the first picture, a stall or a jump a track is brought back within so long (`steering.test.ts`). */
const settlesMs = 5000;
/** Looks that saw all tracks play are more than so many times those that did not. */
const mostUnseen = 4;
/** A recorder has a second ready so long after it was over. */
const handedOverMs = 60;
const nowMs = () => performance.timeOrigin + performance.now();

export async function soakViews(minutes: number): Promise<void> {
  build();
  const durationMs = minutes * 60_000;
  console.log(`Making ${minutes} minutes of ${names.join(" and ")} …`);
  const footage: Uint8Array<ArrayBuffer>[] = [];
  for (const index of names.keys()) footage.push(await makeFootage({ participant: index + 1, durationMs, trueMs: nowMs(), width, height }));
  const server = await TestServer.open({ DOUBLETAKE_FILM_SIZE: "640x176" });
  const browsers: TestBrowser[] = [];
  try {
    const room = await server.api.createRoom("Soak of views");
    const people = await Promise.all(names.map((name) => Sender.join(server.url, room, room.hostKey, name)));
    people[0]!.call.say({ type: "record" });
    const id = (await people[0]!.call.hears("recording")).recording.id;
    console.log(`Recording, for ${minutes} minutes …`);
    await Promise.all(people.map((person, index) => recorded(person, id, footage[index]!)));
    await server.api.stop(id);
    await server.api.settles(id, ["ready"], 1_800_000);
    for (const kind of kinds) browsers.push(await TestBrowser.open(kind));
    console.log("Watching …");
    const apart = await Promise.all(browsers.map((browser) => watched(browser, `${server.url}/v/${id}#${room.guestKey}`, durationMs)));
    const rows = apart.map(({ looks, unseen }, index) => {
      const all = looks.flat().map(Math.abs);
      return [kinds[index]!, looks.length, percentile(all, 50), percentile(all, 99), Math.max(0, ...all), unseen];
    });
    console.log(
      `\n${table([["tracks from the film, ms", "looks", "p50", "p99", "most", "looks with a track that stood still"], ...rows])}`,
    );
    for (const { looks, unseen } of apart)
      if (looks.length <= unseen * mostUnseen || looks.some((look) => look.some((ms) => Math.abs(ms) > mostMs)))
        throw new Error(`a track was more than ${mostMs} ms away from the film, or too seldom seen`);
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await server.close();
  }
}

/** Sends the footage as a recorder would, at the pace of the call. */
async function recorded(person: Sender, id: string, footage: Uint8Array<ArrayBuffer>): Promise<void> {
  const { line } = await person.openTrack(id);
  const over = new AbortController();
  const pings = (async () => {
    for await (const _ of setInterval(pingMs, null, { signal: over.signal })) person.call.say({ type: "ping", sentMs: nowMs() });
  })().catch(() => undefined);
  const startMs = nowMs();
  const segment = person.openSegment(line, startMs);
  await line.hears("offset");
  for (const [sequence, { from, to }] of secondsOf(footage).entries()) {
    // Handed over when it is over, or the server would find that time was lost.
    await wait(Math.max(0, startMs + (sequence + 1) * 1000 + handedOverMs - nowMs()));
    person.sendChunk(line, footage.slice(from, to), from, sequence);
  }
  line.say({ type: "finish", segment, bytes: footage.length, sha256: createHash("sha256").update(footage).digest("hex") });
  await line.hears("sealed", 60_000);
  line.say({ type: "end", segments: [segment] });
  await line.hears("ended");
  over.abort();
  await pings;
}

/** The bytes of each second of media. */
function secondsOf(footage: Uint8Array): { from: number; to: number }[] {
  const container = new Container();
  container.push(footage);
  const ends: number[] = [];
  for (const { mediaMs, offset, size } of container.packets) ends[Math.floor(mediaMs / 1000)] = offset + size;
  ends[ends.length - 1] = footage.length;
  return ends.map((to, index) => ({ from: ends[index - 1] ?? 0, to }));
}

/** `looks`: of each that saw all tracks play, and had for a while, how far they were from the film, ms. */
async function watched(browser: TestBrowser, address: string, durationMs: number): Promise<{ looks: number[][]; unseen: number }> {
  const person = await browser.person(4);
  await person.page.goto(address);
  await person.sees("combobox", "View");
  await person.plays("Recording");
  await chooseView(person, `${names[0]} large`);
  await poll(async () => (await away(person, names.length)).length > 0, { what: `${browser.kind}: the tracks play`, limitMs: 60_000 });
  const looks: number[][] = [];
  let unseen = 0;
  let goodSince = nowMs();
  const untilMs = nowMs() + durationMs - 2 * everyMs;
  while (nowMs() < untilMs) {
    await wait(everyMs);
    const look = await away(person, names.length);
    if (look.length === 0) {
      unseen += 1;
      goodSince = nowMs();
    } else if (nowMs() - goodSince > settlesMs) looks.push(look);
    if (looks.length % 60 === 1) console.log(`  ${browser.kind}, look ${looks.length}: ${look.map((ms) => ms.toFixed(0)).join(" ")} ms`);
  }
  return { looks, unseen };
}
