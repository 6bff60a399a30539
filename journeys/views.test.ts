// What can be watched of one recording: people's own tracks in time with the film, and the film with whoever speaks large.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CreatedRoom } from "../protocol/api.ts";
import { fitted } from "../server/compose/fitting.ts";
import { defaultCanvas, layoutOf } from "../server/compose/layout.ts";
import { readFilm } from "./rig/film.ts";
import { makeFootage } from "./rig/footage.ts";
import { between } from "./rig/measure.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";
import { away, chooseView } from "./rig/views.ts";

const durationMs = 14_000;
const [width, height] = [320, 180];
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
  // Nothing is handed over before it was recorded, and the server knows.
  await poll(() => performance.timeOrigin + performance.now() > startMs + durationMs, { what: "the footage's time has passed" });
  for (const [index, person] of people.entries()) {
    const { line } = await person.openTrack(id);
    const footage = await makeFootage({ participant: index + 1, durationMs, trueMs: startMs, width, height });
    const { segment } = await person.sendSegment(line, footage, startMs);
    line.say({ type: "end", segments: [segment] });
    await line.hears("ended");
  }
  await stage.api.stop(id);
  await stage.api.settles(id);
}, 120_000);
afterAll(async () => await stage?.close());

/** The film is short: it goes round until it is seen. */
const aroundSource = `(() => {
  const film = document.querySelector('video[aria-label="Recording"]');
  if (film.currentTime > 11) film.currentTime = 0.5;
  if (film.paused) film.play().catch(() => undefined);
})()`;

async function inTime(person: Person, count: number, what: string): Promise<void> {
  await poll(
    async () => {
      await person.page.evaluate(aroundSource);
      const apart = await away(person, count);
      return apart.length === count && apart.every((one) => Math.abs(one) <= 40);
    },
    { what: `${person.browser}: ${what}: the tracks are within 40 ms of the film`, limitMs: 60_000 },
  );
}

const sought = async (person: Person, seconds: number) =>
  await person.page.$eval(
    'video[aria-label="Recording"]',
    (film, at) => {
      (film as HTMLVideoElement).currentTime = at;
    },
    seconds,
  );

test("people's own tracks stay within 40 ms of the film, alone and large, sought and at another speed, in Chromium and Firefox", async () => {
  for (const kind of ["chromium", "firefox"] as const) {
    const browser = await stage.browser(kind);
    const olu = await stage.person(browser, 4);
    await olu.page.goto(`${stage.server.url}/v/${id}#${room.guestKey}`);
    await olu.sees("combobox", "View");
    await olu.plays("Recording");
    await chooseView(olu, "Asha large");
    await inTime(olu, 2, "large");
    await sought(olu, 1);
    await inTime(olu, 2, "after a seek");
    // The same person once more: alone; by keyboard.
    await olu.page.focus(".film");
    await olu.page.keyboard.press("1");
    await olu.page.keyboard.press("]");
    await sought(olu, 0.5);
    await inTime(olu, 1, "alone, faster");
    expect(await olu.page.$$eval(".person", (people) => people.length)).toBe(1);
    await olu.page.keyboard.press("0");
    await poll(async () => (await olu.page.$(".person")) === null, { what: "the film is back" });
    expect(olu.complaints.filter((one) => !/WebSocket|Failed to load resource/.test(one))).toEqual([]);
    await olu.close();
  }
});

test("the film with whoever speaks large is made from one press and shows one person large, the other small", async () => {
  const olu = await stage.person(await stage.browser("chromium"), 4);
  await olu.page.goto(`${stage.server.url}/v/${id}#${room.guestKey}`);
  await olu.click("button", "Make a film with whoever speaks large");
  const url = await olu.hrefOf("Download: whoever speaks large");
  const file = await stage.api.as(null).download(url, join(stage.server.place.path, "speaker.mp4"));
  await chooseView(olu, "Whoever speaks");
  await olu.plays("Recording");
  const faces = ["asha", "ben"].map((key) => ({ key, source: "camera" as const }));
  // A picture keeps its shape in a tile that has another.
  const layouts = ["asha", "ben"].map((large) => layoutOf(faces, defaultCanvas, large).map((tile) => fitted(width, height, tile)));
  const film = await readFilm(file, layouts);
  expect([film.width, film.height]).toEqual([defaultCanvas.width, defaultCanvas.height]);
  expect(Math.abs(film.pictures.length - ((await stage.api.recording(id)).durationMs * 30) / 1000)).toBeLessThan(3);
  const shown = between(film, 1000, durationMs - 1000);
  expect(shown.length).toBeGreaterThan(300);
  const large = shown.map(({ codes: [asha, ben] }) => [asha?.[0]?.participant === 1, ben?.[1]?.participant === 2]);
  // One of the two in every picture; what is small may be too small to be read.
  const clear = large.filter(([asha, ben]) => asha !== ben).length;
  expect(clear / large.length).toBeGreaterThan(0.95);
  // A part of it is that film's, not the recording's own.
  const [fromMs, toMs] = [4100, 7300];
  const part = await stage.api.as(null).download(`${url}&fromMs=${fromMs}&toMs=${toMs}`, join(stage.server.place.path, "part.mp4"));
  const cut = await readFilm(part, layouts);
  expect(cut.pictures.map(({ codes }) => codes)).toEqual(film.pictures.slice(123, 219).map(({ codes }) => codes));
  await chooseView(olu, "Whoever speaks");
  await olu.plays("Recording");
  expect(await olu.page.$eval('video[aria-label="Recording"]', (film) => (film as HTMLVideoElement).currentSrc)).toContain(
    "layout=speaker",
  );
});
