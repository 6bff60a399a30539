import { afterAll, beforeAll, expect, test } from "vitest";
import { callRig } from "./call.fixture.ts";

let rig: Awaited<ReturnType<typeof callRig>>;
beforeAll(async () => {
  rig = await callRig();
});
afterAll(() => rig.close());

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
