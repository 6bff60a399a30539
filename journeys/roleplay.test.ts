// A role play: two people with a card each, one press that swaps, and what the recordings say of it afterwards.
import { expect, test } from "vitest";
import { Scene } from "../protocol/scenario.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { Stage } from "./rig/stage.ts";

const hostile = `<img src=x onerror="document.title='taken'">`;
const yaml = `title: Two of us
goals: [Listen to the end]
minutes: 0.1
roles:
  - { id: one, title: Counsellor, card: 'Card of the counsellor ${hostile.replaceAll("'", "''")}' }
  - { id: two, title: Client, card: Card of the client }
`;
const cards = ["Card of the counsellor", "Card of the client"];

/** Waits until the page shows this one of the cards, and then looks for the other in all that the page holds. */
async function readsOnly(person: Person, card: 0 | 1): Promise<void> {
  const page = () => person.page.evaluate(() => document.documentElement.outerHTML);
  await poll(async () => (await page()).includes(cards[card]!), {
    what: `“${cards[card]}” on the page of ${person.browser}`,
    limitMs: 30_000,
  });
  expect(await page()).not.toContain(cards[1 - card]);
}

test("each reads their own card alone; one press swaps and begins the next recording of the same pair", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Practice");
  const asha = await stage.person(await stage.browser("chromium"), 1);
  const ben = await stage.person(await stage.browser("firefox"), 2);
  await asha.join(room.hostUrl, { name: "Asha" });
  // The host brings a scenario in the call.
  await asha.click("button", "More");
  await asha.click("button", "Role play");
  await asha.page.waitForSelector(".paste > summary");
  await asha.page.click(".paste > summary");
  await asha.fill("YAML text", "title: [");
  await asha.click("button", "Take this text");
  await asha.reads(/line 1/);
  await asha.fill("YAML text", yaml);
  await asha.click("button", "Take this text");
  await readsOnly(asha, 0);
  await ben.join(room.guestUrl, { name: "Ben" });
  await readsOnly(ben, 1);
  expect(await asha.page.title()).not.toBe("taken");

  await asha.click("button", "Record");
  const first = await stage.api.recordingOf(room.id);
  await ben.reads(/over|Time is up/);
  expect((await stage.api.recording(first.id)).state).toBe("recording");
  await asha.click("button", "Swap roles and record");
  await readsOnly(asha, 1);
  await readsOnly(ben, 0);
  const second = await poll(async () => (await stage.api.recordings(`?room=${room.id}`)).items.find(({ id }) => id !== first.id), {
    what: "the second recording",
    limitMs: 30_000,
  });
  await stage.reaches(second.id, 2000);
  await asha.click("button", "Stop recording");
  await ben.readsSafe(60_000);

  const playedIn = async (id: string) => (await stage.api.recording(id)).scenario?.roles.map(({ participant }) => participant?.name);
  expect([await playedIn(first.id), await playedIn(second.id)]).toEqual([
    ["Asha", "Ben"],
    ["Ben", "Asha"],
  ]);
  const seenBy = async (key: string) => Scene.parse(await (await stage.api.as(key).ask("GET", `/recordings/${second.id}/scenario`)).json());
  expect((await seenBy(room.observerKey)).cards).toHaveLength(2);
  expect((await seenBy(room.guestKey)).cards).toBeNull();
});
