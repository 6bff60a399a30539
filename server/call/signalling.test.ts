import { afterAll, beforeAll, expect, test } from "vitest";
import { callRig } from "./call.fixture.ts";

let rig: Awaited<ReturnType<typeof callRig>>;
beforeAll(async () => {
  rig = await callRig();
});
afterAll(() => rig.close());

test("a welcome says whether the others were told that one had left; where nobody is left there was nobody to tell", async () => {
  const { catalog, enter, signalling, until } = rig;
  const { id } = await catalog.addRoom("Practice");
  const host = await enter(id, "host");
  const guest = await enter(id, "guest");
  expect(guest.socket.last("welcome")?.forgotten).toBe(false);
  guest.socket.close(1006);
  const soon = await enter(id, "guest", guest);
  expect(soon.socket.last("welcome")?.forgotten).toBe(false);
  soon.socket.close(1006);
  await until(() => !signalling.room(id)?.member(guest.id));
  const late = await enter(id, "guest", guest);
  expect(late.id).toBe(guest.id);
  expect(late.socket.last("welcome")?.forgotten).toBe(true);
  for (const { socket } of [host, late]) socket.close(1006);
  await until(() => !signalling.room(id));
  const alone = await enter(id, "guest", guest);
  expect(alone.socket.last("welcome")?.forgotten).toBe(false);
});

test("whoever says more at once than is carried out is not read for a while, and none of it is lost", async () => {
  const { catalog, enter, until } = rig;
  const { id } = await catalog.addRoom("Practice");
  const guest = await enter(id, "guest");
  for (let n = 0; n < 150; n++) guest.socket.say({ type: "hand", up: n % 2 === 0 });
  expect(guest.socket.isPaused).toBe(false);
  for (let n = 150; n < 301; n++) guest.socket.say({ type: "hand", up: n % 2 === 0 });
  expect(guest.socket.isPaused).toBe(true);
  await until(() => !guest.socket.isPaused);
  const hands = () => guest.socket.heard.filter(({ type }) => type === "changed").length;
  await until(() => hands() === 301);
  expect(guest.socket.last("changed")?.participant.handMs).not.toBeNull();
  expect(guest.socket.closed).toBeNull();
});
