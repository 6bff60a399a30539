// What can be watched of one recording: people's own tracks in time with the film, the film with whoever speaks large, captions, marked moments.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CreatedRoom } from "../protocol/api.ts";
import { defaultCanvas, layoutOf } from "../server/compose/layout.ts";
import { readFilm } from "./rig/film.ts";
import { makeFootage } from "./rig/footage.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

const durationMs = 14_000;
let stage: Stage;
let room: CreatedRoom;
let id: string;

beforeAll(async () => {
  stage = await Stage.share();
  room = await stage.api.createRoom("Views");
  const people = await Promise.all(["Asha", "Ben"].map((name) => Sender.join(stage.server.url, room, room.hostKey, name)));
  people[0]!.call.say({ type: "record" });
  const { recording } = await people[0]!.call.hears("recording");
  id = recording.id;
  const startMs = performance.timeOrigin + performance.now();
  people[0]!.call.say({ type: "bookmark" });
  for (const [index, person] of people.entries()) {
    const { line } = await person.openTrack(id);
    const footage = await makeFootage({ participant: index + 1, durationMs, trueMs: startMs, width: 320, height: 180 });
    const { segment } = await person.sendSegment(line, footage, startMs);
    line.say({ type: "end", segments: [segment] });
    await line.hears("ended");
  }
  await poll(() => performance.timeOrigin + performance.now() > startMs + durationMs, { what: "the footage's time has passed" });
  await stage.api.stop(id);
  await stage.api.settles(id);
}, 120_000);
afterAll(() => stage?.close());

const awaySource = `(() => {
  const film = document.querySelector('video[aria-label="Recording"]');
  const people = [...document.querySelectorAll(".person video")];
  if (people.length === 0 || film.paused || film.seeking || people.some(({ seeking, readyState }) => seeking || readyState < 3)) return null;
  return people.map((one) => (one.currentTime - film.currentTime) * 1000);
})()`;

/** How far the tracks on the screen are from the film, ms: the middle one of a second of looks, for what is read of a clock hops by pictures. */
async function away(person: Person, count: number): Promise<number[]> {
  const looks: number[][] = [];
  for (let look = 0; look < 9; look++) {
    const seen = (await person.page.evaluate(awaySource)) as number[] | null;
    if (seen?.length === count) looks.push(seen);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (looks.length < 5) return [];
  return Array.from({ length: count }, (_, index) => looks.map((look) => look[index]!).toSorted((a, b) => a - b)[looks.length >> 1]!);
}

async function inTime(person: Person, count: number, what: string): Promise<void> {
  await poll(
    async () => {
      const apart = await away(person, count);
      return apart.length === count && apart.every((one) => Math.abs(one) <= 40);
    },
    { what: `${person.browser}: ${what}: the tracks are within 40 ms of the film`, limitMs: 30_000 },
  );
}
