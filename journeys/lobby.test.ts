// Before the call: what can be wrong with the devices, the link or the address, said in words, with a way on.
import { expect, test } from "vitest";
import { Stage } from "./rig/stage.ts";

test("a camera that the browser refuses is said in words, and the call can be joined without it", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Denied");
  const browser = await stage.browser("chromium", { camera: "denied" });
  const asha = await stage.person(browser, 1);
  await asha.page.goto(room.guestUrl);
  await asha.reads(/camera/i);
  await asha.sees("alert", "").catch(() => asha.reads(/permission|allow|denied|blocked/i));
  await asha.sees("button", "Try again");
  await asha.sees("button", "Use audio only");
  await asha.click("button", "Just watch and listen");
  await asha.fill("Your name", "Asha");
  await asha.click("button", "Join");
  await asha.sees("button", "Leave");
  const { participants } = await (await stage.api.ask("GET", `/rooms/${room.id}`)).json();
  expect(participants.map((each: { name: string; recorded: boolean }) => [each.name, each.recorded])).toEqual([["Asha", false]]);
});

test("joining without agreeing means in the call and never recorded", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Consent");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, { width: 320, height: 180 });
  const ben = await stage.person(browser, 2, { width: 320, height: 180 });
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.join(room.guestUrl, { name: "Ben", consent: false });
  await asha.watches("Ben");
  await asha.click("button", "Record");
  await ben.sees("status", "Recording");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  expect((await stage.api.recording(id)).tracks.map(({ participant }) => participant.name)).toEqual(["Asha"]);
  expect(await ben.written()).toEqual([]);
});

test("a page over http on a name that is not this machine explains itself and says what to do", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Insecure");
  const browser = await stage.browser("chromium", { args: ["--host-resolver-rules=MAP doubletake.test 127.0.0.1"] });
  const asha = await stage.person(browser, 1);
  await asha.page.goto(room.guestUrl.replace("localhost", "doubletake.test"));
  await asha.reads(/secure/i);
  await asha.reads("https://");
  await asha.seesNo("button", "Join");
});

test("a wrong link says so and opens nothing", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Wrong link");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1);
  await asha.page.goto(`${stage.server.url}/r/${room.id}#not-the-key-of-this-room`);
  await asha.reads(/link/i);
  await asha.seesNo("button", "Join");
});
