// What people and browsers do to the tab of a call: open a second one, clear its data, keep its worker from loading, hide it, freeze it.
import { join } from "node:path";
import { expect, test } from "vitest";
import { Api } from "./rig/api.ts";
import { arrives, goesOn, reaches } from "./rig/arrival.ts";
import { Network } from "./rig/network.ts";
import type { Person } from "./rig/person.ts";
import { longestHole, pictureTimes } from "./rig/pictures.ts";
import { poll } from "./rig/poll.ts";
import { adminKey } from "./rig/server.ts";
import { Stage } from "./rig/stage.ts";

const small = { width: 320, height: 180 };

/** Alone in a room, recording, until something is safe. `prepare`: before the page is opened. */
async function recordAlone(prepare: (asha: Person, url: string) => Promise<unknown> = async () => undefined) {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Tabs");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, { ...small, storage: "profile" });
  await prepare(asha, room.hostUrl);
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await reaches(stage.api, id, 2000);
  return { stage, room, browser, asha, id };
}

/** Everything that these pages recorded is on the server under its hash, in one track; answers that track. */
async function arrived(stage: Stage, id: string, people: Person[]) {
  const { tracks } = await arrives(stage.api, id, people);
  expect(tracks).toHaveLength(1);
  return tracks[0]!;
}

test("a second tab under the same name is told, takes the call over, and records on into the same track", async () => {
  const { stage, room, browser, asha, id } = await recordAlone();
  const again = await stage.person(browser, 1, { ...small, storage: "profile" });
  await again.page.goto(room.hostUrl);
  await again.reads("Another tab of this browser is in this call as Asha");
  await again.page.bringToFront();
  await again.join(room.hostUrl, { name: "Asha" });
  await asha.reads("joined from another tab");
  await poll(async () => (await stage.api.recording(id)).tracks[0]?.segments.length === 2, { what: "the next segment" });
  await goesOn(stage.api, id, "from the other tab");
  const { participants } = await (await stage.api.ask("GET", `/rooms/${room.id}`)).json();
  expect(participants.map(({ name }: { name: string }) => name)).toEqual(["Asha"]);
  await again.click("button", "Stop recording");
  await again.readsSafe();
  const track = await arrived(stage, id, [asha, again]);
  expect(track.segments).toHaveLength(2);
  // The new page may be quick enough to leave none.
  expect(track.gaps.filter(({ reason }) => reason !== "rejoined")).toEqual([]);
});

test("the same person goes on at another device by the address that the first one shows, in the same track", async () => {
  const { stage, room, asha, id } = await recordAlone();
  await asha.click("button", "More");
  await asha.click("button", "Go on at another device");
  await asha.sees("image", "The address as a code for a camera");
  const field = await asha.sees("textbox", "Your own way in");
  const url = await field.evaluate((element) => (element as HTMLInputElement).value);
  const phone = await stage.person(await stage.browser("chromium"), 1, { ...small, storage: "profile" });
  await phone.page.goto(url);
  await phone.check("I agree to be recorded");
  expect(phone.page.url()).toBe(room.hostUrl);
  await phone.click("button", "Join");
  await phone.sees("group", "Asha (you)");
  await asha.reads("joined from another tab");
  await poll(async () => (await stage.api.recording(id)).tracks[0]?.segments.length === 2, { what: "the next segment" });
  await goesOn(stage.api, id, "from the other device");
  await phone.click("button", "Stop recording");
  await phone.readsSafe();
  const track = await arrived(stage, id, [asha, phone]);
  expect(track.segments).toHaveLength(2);
  expect(track.participant.name).toBe("Asha");
});

test("site data cleared in the call: it is said, and what is recorded arrives all the same", async () => {
  const { stage, asha, id } = await recordAlone();
  const devtools = await asha.page.createCDPSession();
  await devtools.send("Storage.clearDataForOrigin", { origin: stage.server.url, storageTypes: "all" });
  await asha.reads("cannot keep the recording on this device");
  await goesOn(stage.api, id, "after all was cleared");
  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  const track = await arrived(stage, id, [asha]);
  expect(track.gaps).toEqual([]);
});

test("without its worker the page says so before the call, and records and sends by itself", async () => {
  const { stage, asha, id } = await recordAlone(async (person, url) => {
    await person.page.evaluateOnNewDocument(`{
      const Native = Worker;
      globalThis.Worker = class extends Native {
        constructor(url, options) {
          super("/absent.js", options);
        }
      };
    }`);
    await person.page.goto(url);
    await person.reads("cannot keep a recording on this device");
  });
  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  await arrived(stage, id, [asha]);
});

test("a camera that another program has is said in words, and trying again is enough when it is free", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Busy");
  const asha = await stage.person(await stage.browser("chromium"), 1, small);
  await asha.page.evaluateOnNewDocument(`{
    const native = MediaDevices.prototype.getUserMedia;
    globalThis.busy = true;
    MediaDevices.prototype.getUserMedia = async function (constraints) {
      if (busy) throw new DOMException("in use", "NotReadableError");
      return await native.call(this, constraints);
    };
  }`);
  await asha.page.goto(room.hostUrl);
  await asha.reads(/another program|in use|used by/i);
  await asha.page.evaluate("busy = false");
  await asha.click("button", "Try again");
  await asha.seesNo("button", "Try again");
  await asha.fill("Your name", "Asha");
  await asha.check("I agree to be recorded");
  await asha.click("button", "Join");
  await asha.sees("group", "Asha (you)");
  const { participants } = await (await stage.api.ask("GET", `/rooms/${room.id}`)).json();
  expect(participants.map(({ camera, recorded }: { camera: boolean; recorded: boolean }) => [camera, recorded])).toEqual([[true, true]]);
});

const noteFreezing = "document.addEventListener('freeze', () => { globalThis.frozen = true; });";
const isFrozen = (person: Person) => person.page.evaluate("globalThis.frozen === true && document.visibilityState === 'hidden'");

test("a hidden tab records on without a hole, and after hang-up it is not frozen before everything is sent", async () => {
  const stage = await Stage.open();
  const network = await Network.open(stage.server.port);
  try {
    const room = await new Api(network.url, adminKey).createRoom("Hidden");
    const browser = await stage.browser("chromium", { impatient: true });
    const asha = await stage.person(browser, 1, { storage: "profile", picture: "device" });
    const bystander = await stage.person(browser, 2, { storage: "profile" });
    const front = await stage.person(browser, 3, { storage: "profile" });
    for (const { page } of [asha, bystander]) await page.evaluateOnNewDocument(noteFreezing);
    // Another site, so that the pages share no process.
    await bystander.page.goto(`http://127.0.0.1:${stage.server.port}/`);
    await asha.page.bringToFront();
    await asha.join(room.hostUrl, { name: "Asha" });
    await asha.click("button", "Record");
    const { id } = await stage.api.recordingOf(room.id);
    const bytes = async () => (await stage.api.recording(id)).tracks[0]?.bytes ?? 0;
    await front.page.bringToFront();
    await poll(() => isFrozen(bystander), { what: "a page without a call is frozen" });
    await reaches(stage.api, id, 10_000);

    network.upBytesPerSecond = 50_000;
    await poll(async () => (await asha.written())[0]!.bytes > (await bytes()) + 500_000, { what: "half a megabyte waits" });
    await asha.page.bringToFront();
    await asha.click("button", "Leave");
    await front.page.bringToFront();
    for (const time of ["first", "second", "third"]) await goesOn(stage.api, id, `from the hidden page, ${time}`);
    network.calm();
    const track = await arrived(stage, id, [asha]);
    expect(await asha.page.evaluate("globalThis.frozen === true")).toBe(false);
    expect(track.gaps).toEqual([]);
    expect(track.segments).toHaveLength(1);
    expect(
      longestHole(await pictureTimes(join(stage.server.dataFolder, "recordings", id, "tracks", track.id), track.segments)),
    ).toBeLessThan(3);
  } finally {
    await network.close();
  }
});
