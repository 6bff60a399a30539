// People on networks of their own that lose, delay, narrow and break: what they recorded arrives whole, and the call comes back where it can.
import { expect, onTestFinished, test } from "vitest";
import { Api } from "./rig/api.ts";
import { arrives, goesOn, reaches } from "./rig/arrival.ts";
import type { Kind } from "./rig/browser.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { adminKey } from "./rig/server.ts";
import { Stage } from "./rig/stage.ts";
import { type Conditions, type Site, Wire } from "./rig/wire.ts";

/** A server at home, and people with a machine and a line each, in Chromium unless said. The first is the host. */
async function meetApart(lines: Conditions[], kinds: Kind[] = []) {
  const wire = await Wire.open();
  onTestFinished(() => wire.close());
  const stage = await Stage.open({ DOUBLETAKE_HOST: "0.0.0.0" });
  const origin = wire.origin(stage.server.port);
  const room = await new Api(origin, adminKey).createRoom("Wire");
  const people: { person: Person; site: Site }[] = [];
  for (const [index, conditions] of lines.entries()) {
    const name = ["Asha", "Bela"][index] as string;
    const site = await wire.site(name.toLowerCase(), conditions);
    const browser = await stage.browser(kinds[index] ?? "chromium", { at: { site, origin } });
    const person = await stage.person(browser, index + 1, { width: 320, height: 180 });
    await person.join(index === 0 ? room.hostUrl : room.guestUrl, { name });
    people.push({ person, site });
  }
  return { stage, room, people };
}

/** And recording is on. */
async function recordApart(...lines: Conditions[]) {
  const { stage, room, people } = await meetApart(lines);
  await people[0]?.person.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await reaches(stage.api, id, 2000, people.length);
  return { stage, people, id };
}

/** Stops: every byte is there, in one track each, without a gap. */
async function ends(stage: Stage, people: Person[], id: string): Promise<void> {
  await people[0]?.click("button", "Stop recording");
  for (const person of people) await person.readsSafe(60_000);
  const { tracks } = await arrives(stage.api, id, people);
  expect(tracks).toHaveLength(people.length);
  expect(tracks.flatMap(({ gaps }) => gaps)).toEqual([]);
}

/** Counts the pictures that are shown in a tile, in whichever element: Firefox counts none of a call by itself. */
const shown = (tile: Element) => {
  const counted = tile as Element & { shown?: number; watched?: HTMLVideoElement };
  const video = tile.querySelector("video");
  counted.shown ??= 0;
  if (video && counted.watched !== video) {
    counted.watched = video;
    const see = () => {
      counted.shown!++;
      video.requestVideoFrameCallback(see);
    };
    video.requestVideoFrameCallback(see);
  }
  return counted.shown;
};

/** Waits for more pictures of somebody than could have been on their way. */
async function seesMore(person: Person, name: string): Promise<void> {
  const pictures = async () => await (await person.sees("group", name)).evaluate(shown);
  let before = await pictures();
  await poll(
    async () => {
      const now = await pictures();
      before = Math.min(before, now);
      return now > before + 30;
    },
    { what: `${name}'s picture moves`, limitMs: 45_000 },
  );
}

test("30 % loss, 300 ms round trip with 100 ms jitter, 200 kbit/s and a dead line cost a recording no byte", async () => {
  const { stage, people, id } = await recordApart({});
  const { person, site } = people[0]!;
  await site.set({ delayMs: 150, jitterMs: 100, loss: 0.3 });
  await goesOn(stage.api, id, "through loss and jitter");
  await site.set({ up: { bitsPerSecond: 200_000 } });
  await goesOn(stage.api, id, "through 200 kbit/s");
  await site.cut();
  await person.reads(/connection to the room is gone/);
  await site.set({});
  await goesOn(stage.api, id, "after a dead line");
  await ends(stage, [person], id);
});

test("a change of address in the call: the upload goes on and the call comes back, on the new address", async () => {
  const { stage, people, id } = await recordApart({}, { delayMs: 20 });
  const [asha, bela] = people.map(({ person }) => person) as [Person, Person];
  const { site } = people[1]!;
  await asha.watches("Bela");
  await bela.watches("Asha");
  await site.move();
  await Promise.all([goesOn(stage.api, id, "after the change"), seesMore(asha, "Bela"), seesMore(bela, "Asha")]);
  await ends(stage, [asha, bela], id);
});

test("whoever gets another address, in Firefox or in Chromium, is seen again and sees again, also the next time, and where both do", async () => {
  const { people } = await meetApart([{ delayMs: 20 }, { delayMs: 20 }], ["chromium", "firefox"]);
  const [asha, bela] = people.map(({ person }) => person) as [Person, Person];
  await asha.watches("Bela");
  await bela.watches("Asha");
  // The second time it is not the page itself that Chromium's connections are made in.
  for (const moving of [[1], [0], [0], [0, 1]]) {
    await Promise.all(moving.map((index) => people[index]!.site.move()));
    await Promise.all([seesMore(asha, "Bela"), seesMore(bela, "Asha")]);
  }
});

test("where UDP is swallowed there is no live call, and everybody is recorded", async () => {
  const { stage, people, id } = await recordApart({ udp: false }, {});
  const [asha, bela] = people.map(({ person }) => person) as [Person, Person];
  await reaches(stage.api, id, 5000, 2);
  await goesOn(stage.api, id, "without a call");
  await asha.reads(/Connecting|Connection lost/);
  expect(await asha.page.$$eval("video", (all) => all.filter((video) => video.videoWidth > 0).length)).toBe(1);
  await asha.reads("No way to Bela was found");
  await asha.sees("link", "Check the connection");
  await ends(stage, [asha, bela], id);
});
