import { afterAll, beforeAll, expect, test } from "vitest";
import { closeCode } from "../../protocol/errors.ts";
import { callRig } from "./call.fixture.ts";
import { roomMax } from "./room.ts";

let rig: Awaited<ReturnType<typeof callRig>>;
beforeAll(async () => {
  rig = await callRig();
});
afterAll(() => rig.close());

test("End for all stops the recording and sends everybody out with its code", async () => {
  const { catalog, enter, recordings, signalling, until } = rig;
  const { id } = await catalog.addRoom("Practice");
  const host = await enter(id, "host");
  const others = [await enter(id, "guest"), await enter(id, "observer")];
  const recording = await recordings.start(id);
  host.socket.say({ type: "end" });
  await until(() => host.socket.closed);
  for (const { socket } of [host, ...others])
    expect([socket.closed, socket.last("refused")?.code, socket.last("stopped")?.recording]).toEqual([
      closeCode.gone,
      "ended",
      recording.id,
    ]);
  expect(await recordings.running(id)).toBeUndefined();
  expect(signalling.room(id)).toBeUndefined();
});

test("whoever was away when the call was ended is sent out when they come back, and may join the next call anew", async () => {
  const { catalog, enter, signalling, until } = rig;
  const { id } = await catalog.addRoom("Practice");
  const host = await enter(id, "host");
  const away = await enter(id, "guest", undefined, "Ben", "page-of-ben");
  away.socket.close(1006);
  host.socket.say({ type: "end" });
  await until(() => host.socket.closed);
  const back = await enter(id, "guest", away, "Ben", "page-of-ben");
  expect([back.welcomed, back.socket.closed, back.socket.last("refused")?.code]).toEqual([false, closeCode.gone, "ended"]);
  expect(signalling.room(id)).toBeUndefined();
  const again = await enter(id, "host", host, "host", "next-page");
  expect([again.welcomed, again.id]).toEqual([true, host.id]);
  const ben = await enter(id, "guest", away, "Ben", "next-page-of-ben");
  expect([ben.welcomed, ben.id]).toEqual([true, away.id]);
});

test("a page that was in another room's call is not meant", async () => {
  const { catalog, enter, until } = rig;
  const [one, two] = [await catalog.addRoom("One"), await catalog.addRoom("Two")];
  const host = await enter(one.id, "host");
  host.socket.say({ type: "end" });
  await until(() => host.socket.closed);
  expect((await enter(two.id, "guest")).welcomed).toBe(true);
});

test("one more than a room holds is told that it is full, the host is let in all the same", async () => {
  const { catalog, enter } = rig;
  const { id } = await catalog.addRoom("Practice");
  for (let n = 0; n < roomMax; n++) expect((await enter(id, "guest")).welcomed).toBe(true);
  const late = await enter(id, "guest");
  expect([late.welcomed, late.socket.closed, late.socket.last("refused")?.code]).toEqual([false, closeCode.forbidden, "room-full"]);
  expect((await enter(id, "host")).welcomed).toBe(true);
});
