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

test("the lobby ticks off what works, by name, and plays a test clip back", async () => {
  const stage = await Stage.open({ DOUBLETAKE_STUN_PORT: "0" });
  const room = await stage.api.createRoom("Checks");
  const asha = await stage.person(await stage.browser("chromium"), 1, { width: 320, height: 180 });
  await asha.page.goto(room.guestUrl);
  await asha.sees("region", "Checks");
  await asha.reads("Your camera works.");
  await asha.reads("We hear you.");
  await asha.reads(/Room for \d+ hours? of recording on this device\./);
  await asha.reads(/Upload [\d.]+ Mbit\/s/);
  await asha.reads("The others can be reached directly. Some company networks allow only relays, and this server has none.");
  await asha.reads("This page is secure.");
  await asha.reads("The host is not here yet.");
  await asha.click("button", "Test yourself for 6 seconds");
  await asha.reads("Say something and move.");
  await asha.plays("Test clip");
  // Unplugged: the rest goes on; plugged in again: it is taken up.
  await asha.page.evaluate(`{
    globalThis.all = MediaDevices.prototype.enumerateDevices;
    MediaDevices.prototype.enumerateDevices = async function () {
      return (await all.call(this)).filter(({ kind }) => kind !== "videoinput");
    };
    for (const track of document.querySelector("video").srcObject.getVideoTracks()) {
      track.stop();
      track.dispatchEvent(new Event("ended"));
    }
  }`);
  await asha.reads("Your camera is gone.");
  await asha.reads("No picture. The others will hear you.");
  await asha.page.evaluate(`{
    MediaDevices.prototype.enumerateDevices = all;
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  }`);
  await asha.plays("Preview");
  await asha.reads("Your camera works.");
  await asha.page.select("#camera", "none");
  await asha.page.goto(room.guestUrl.replace("/r/", "/check/"));
  await asha.reads("WebSocket");
  await asha.reads("It opens, so calls can be arranged.");
  await asha.reads("This server has no relay.");
  await asha.reads("Copy the report");
  // To go without a camera is no fault of it.
  await asha.click("button", "Look at camera and microphone");
  await asha.reads("Both work.");
});

test("an old browser, a full and a locked room, and being taken out each have their page with the next step", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Faces");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, { width: 320, height: 180 });
  for (const [code, title, step] of [
    ["room-full", "This room is full", "Try again"],
    ["room-locked", "This room is locked", "Try again"],
    ["ended", "The host has ended the call", "Rejoin"],
    ["removed", "The host has taken you out of the call", null],
  ] as const) {
    // Another fragment or the same one is no new page.
    await asha.page.goto("about:blank");
    await asha.page.goto(room.guestUrl);
    // The room's answers stand in other tests; here it is the page that is looked at.
    await asha.page.evaluate(`{
      WebSocket = class extends EventTarget {
        readyState = 1;
        constructor() {
          super();
          setTimeout(() => this.onopen?.(new Event("open")));
        }
        send() {
          const data = JSON.stringify({ type: "refused", code: ${JSON.stringify(code)}, message: "A sentence." });
          setTimeout(() => this.onmessage?.(new MessageEvent("message", { data })));
          setTimeout(() => this.onclose?.(new CloseEvent("close", { code: 4403, reason: "A sentence." })));
        }
        close() {}
      };
    }`);
    await asha.fill("Your name", "Asha");
    await asha.click("button", "Join");
    await asha.reads(title);
    if (step) await asha.sees("button", step);
  }
  const old = await stage.person(browser, 2);
  await old.page.evaluateOnNewDocument("delete globalThis.MediaRecorder");
  await old.page.goto(room.guestUrl);
  await old.reads("Your browser is too old for this");
  await old.reads("MediaRecorder");
  await old.seesNo("button", "Join");
});

test("a page in another language says what it says in that one", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Sprache");
  const asha = await stage.person(await stage.browser("chromium"), 1);
  await asha.page.goto(`${stage.server.url}/nowhere`);
  await asha.sees("combobox", "Language");
  await asha.page.select('select[aria-label="Language"]', "de");
  await asha.reads("Unter dieser Adresse gibt es keine Seite");
  expect(await asha.page.evaluate(() => document.documentElement.lang)).toBe("de");
  await asha.page.goto(room.guestUrl);
  await asha.sees("button", "Beitreten");
  await asha.sees("combobox", "Kamera");
  await asha.reads("Deine Kamera geht.");
  expect(await asha.page.evaluate(() => document.body.innerText)).not.toMatch(/\b(the|your|and)\b/i);
});

test("a wrong link says so and opens nothing", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Wrong link");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1);
  await asha.page.goto(`${stage.server.url}/r/${room.id}#not-the-key-of-this-room`);
  await asha.reads("This link does not open a room here.");
  await asha.seesNo("button", "Join");
  const torn = await stage.person(browser, 2);
  await torn.page.goto(`${stage.server.url}/r/${room.id}`);
  await torn.reads("The link is not complete");
  await torn.sees("link", "Go to the start page");
});

for (const name of ["chromium", "firefox"] as const) {
  test(`in ${name} the socket is open before Join is pressed, and the call goes over it`, async () => {
    const stage = await Stage.open();
    const room = await stage.api.createRoom("Ready");
    const asha = await stage.person(await stage.browser(name), 1, { width: 320, height: 180 });
    await asha.page.evaluateOnNewDocument(`
      globalThis.sockets = [];
      globalThis.WebSocket = class extends WebSocket {
        constructor(url) {
          super(url);
          sockets.push(this);
        }
      };
    `);
    await asha.page.goto(room.guestUrl);
    await asha.plays("Preview");
    expect(await asha.page.evaluate("sockets.length")).toBe(0);
    await asha.fill("Your name", "Asha");
    await asha.page.waitForFunction("sockets.length === 1 && sockets[0].readyState === 1");
    await asha.enter({ name: "Asha" });
    expect(await asha.page.evaluate("sockets.map(({ url, readyState }) => [new URL(url).pathname, readyState])")).toEqual([
      ["/ws/call", 1],
    ]);
  });
}
