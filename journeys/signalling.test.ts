// Whatever is said on a signalling socket, only that socket pays for it.
import { expect, test } from "vitest";
import { callMaxBytes, callVersion } from "../protocol/call.ts";
import { openCall, Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

test("an unknown or malformed message closes its socket with a code and a sentence, and the room lives on", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Noise");
  const asha = await Sender.join(stage.server.url, room, room.hostKey, "Asha");
  const noises: [string | Uint8Array, number][] = [
    ["not JSON", 4400],
    ["{}", 4400],
    [JSON.stringify({ type: "nonsense" }), 4400],
    [JSON.stringify({ type: "signal", to: "../../etc", signal: {} }), 4400],
    [JSON.stringify({ type: "media", microphone: "yes" }), 4400],
    [new Uint8Array([1, 2, 3]), 4400],
    // RFC 6455: a message too big to process.
    [`"${"x".repeat(callMaxBytes + 1)}"`, 1009],
  ];
  for (const [index, [noise, code]] of noises.entries()) {
    const mallory = await Sender.join(stage.server.url, room, room.guestKey, `Mallory ${index}`);
    mallory.call.sendRaw(noise);
    const closed = await mallory.call.closes();
    expect(closed.code, String(noise).slice(0, 80)).toBe(code);
    if (code === 4400) expect(closed.reason.length).toBeGreaterThan(10);
  }
  asha.call.say({ type: "ping", sentMs: 1 });
  expect((await asha.call.hears("pong")).sentMs).toBe(1);
  const late = await Sender.join(stage.server.url, room, room.guestKey, "Ben");
  expect(late.me.role).toBe("guest");
  expect((await fetch(`${stage.server.url}/healthz`)).status).toBe(200);
});

test("a socket that speaks before joining, joins twice, or speaks another version is closed", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Order");
  const join = {
    type: "join" as const,
    version: callVersion,
    room: room.id,
    key: room.guestKey,
    name: "Ben",
    instance: "instance-1234",
    consent: true,
    microphone: true,
    camera: true,
  };
  const early = await openCall(stage.server.url);
  early.say({ type: "record" });
  expect((await early.closes()).code).toBe(4400);
  const twice = await openCall(stage.server.url);
  twice.say(join);
  await twice.hears("welcome");
  twice.say(join);
  expect((await twice.closes()).code).toBe(4400);
  const old = await openCall(stage.server.url);
  old.say({ ...join, version: callVersion + 1 });
  expect((await old.closes()).code).toBe(4426);
});

test("a name that is markup is text to everybody, and a name with control characters is refused", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Names");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, { width: 320, height: 180 });
  await asha.join(room.hostUrl, { name: "Asha" });
  const markup = `<img src=x onerror="document.title='owned'">`;
  await Sender.join(stage.server.url, room, room.guestKey, markup);
  await asha.reads(markup);
  expect(await asha.page.title()).not.toBe("owned");
  await expect(Sender.join(stage.server.url, room, room.guestKey, "a\u0007b")).rejects.toThrow("4400");
});
