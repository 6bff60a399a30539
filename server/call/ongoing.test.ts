// What of a call outlives the process that it was in, and for how long; and who was removed.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sqliteFull } from "../store/full.fixture.ts";
import { callRig, type Here } from "./call.fixture.ts";

const minuteMs = 60_000;
const locked = { locked: true, observersSpeak: true, keepWhispers: false };

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

type Rig = Awaited<ReturnType<typeof callRig>>;

/** Asha hosts, Ben is in her call, Dan was removed from it, and the room is locked. */
async function lockedRoom() {
  const rig = await callRig();
  const { id } = await rig.catalog.addRoom("Practice");
  const asha = await rig.enter(id, "host", undefined, "Asha");
  const ben = await rig.enter(id, "guest", undefined, "Ben");
  const dan = await rig.enter(id, "guest", undefined, "Dan");
  asha.socket.say({ type: "remove", participant: dan.id });
  await rig.until(() => dan.socket.closed);
  asha.socket.say({ type: "rules", rules: locked });
  await rig.until(() => ben.socket.last("rules"));
  return { rig, id, asha, ben, dan };
}

/** After so long. */
async function restart(before: Rig, awayMs = 0): Promise<Rig> {
  await before.close();
  vi.setSystemTime(Date.now() + awayMs);
  return await callRig(0, before.folder);
}

/** Why somebody was not let in; undefined: they were. */
const refusal = ({ socket }: Here) => socket.last("refused")?.code;

test("after a restart of the server the room is as it was: locked to strangers, not to those who were there, and closed to whoever was removed", async () => {
  const { rig: before, id, asha, ben, dan } = await lockedRoom();
  const rig = await restart(before, 2 * minuteMs);
  expect(await rig.signalling.ongoing.recall(id, false)).toMatchObject({ locked: 1, observersSpeak: 1 });
  expect(refusal(await rig.enter(id, "guest", undefined, "Eve"))).toBe("room-locked");
  expect(refusal(await rig.enter(id, "guest", dan, "Dan"))).toBe("removed");
  const back = await rig.enter(id, "guest", ben, "Ben");
  expect([back.id, back.socket.last("welcome")?.rules]).toEqual([ben.id, locked]);
  // Nobody here was told that he had left: what is between him and the others stays.
  expect(back.socket.last("welcome")?.forgotten).toBe(false);
  const host = await rig.enter(id, "host", asha, "Asha");
  host.socket.say({ type: "rules", rules: { ...locked, locked: false } });
  await rig.until(() => back.socket.last("rules"));
  const again = await restart(rig);
  expect(refusal(await again.enter(id, "guest", undefined, "Eve"))).toBeUndefined();
  expect(refusal(await again.enter(id, "guest", dan, "Dan"))).toBe("removed");
  await again.close();
});

test("of a call that nobody came back to for five minutes nothing is left, unless it is being recorded", async () => {
  const first = await lockedRoom();
  const next = await restart(first.rig, 6 * minuteMs);
  expect(refusal(await next.enter(first.id, "guest", undefined, "Eve"))).toBeUndefined();
  expect(refusal(await next.enter(first.id, "guest", first.dan, "Dan"))).toBeUndefined();
  await next.close();

  const second = await lockedRoom();
  await second.rig.recordings.start(second.id);
  const recorded = await restart(second.rig, 6 * minuteMs);
  expect(refusal(await recorded.enter(second.id, "guest", undefined, "Eve"))).toBe("room-locked");
  await recorded.close();
});

test("a call that lasts is not over because it began long ago", async () => {
  const { rig, id } = await lockedRoom();
  vi.setSystemTime(Date.now() + 60 * minuteMs);
  await rig.signalling.ongoing.note([id]);
  const next = await restart(rig, 4 * minuteMs);
  expect(refusal(await next.enter(id, "guest", undefined, "Eve"))).toBe("room-locked");
  await next.close();
});

test("everybody who falls out at once, and not for long, comes back into the same locked room", async () => {
  const { rig, id, asha, ben, dan } = await lockedRoom();
  for (const { socket } of [asha, ben]) socket.close(1006);
  await rig.until(() => !rig.signalling.room(id));
  expect(refusal(await rig.enter(id, "guest", undefined, "Eve"))).toBe("room-locked");
  expect(refusal(await rig.enter(id, "guest", dan, "Dan"))).toBe("removed");
  expect((await rig.enter(id, "guest", ben, "Ben")).welcomed).toBe(true);
  await rig.close();
});

test.each(["end", "leave"] as const)("by %s the call is over, and what was decided for it with it", async (type) => {
  const { rig, id, asha, ben, dan } = await lockedRoom();
  if (type === "leave") ben.socket.say({ type });
  if (type === "leave") await rig.until(() => ben.socket.closed);
  asha.socket.say({ type });
  await rig.until(() => asha.socket.closed && !rig.signalling.room(id));
  const dans = await rig.enter(id, "guest", dan, "Dan", "another-page");
  expect([refusal(dans), dans.socket.last("welcome")?.rules.locked]).toEqual([undefined, false]);
  const next = await restart(rig);
  expect(refusal(await next.enter(id, "guest", undefined, "Eve", "her-page"))).toBeUndefined();
  await next.close();
});

test("a page that was away when the call was ended is told so after a restart of the server, too, for a day", async () => {
  const { rig, id, asha, ben } = await lockedRoom();
  ben.socket.close(1006);
  asha.socket.say({ type: "end" });
  await rig.until(() => asha.socket.closed);
  const next = await restart(rig, 23 * 60 * minuteMs);
  expect(refusal(await next.enter(id, "guest", ben, "Ben"))).toBe("ended");
  expect(refusal(await next.enter(id, "guest", ben, "Ben", "joined-anew"))).toBeUndefined();
  const later = await restart(next, 2 * 60 * minuteMs);
  expect(refusal(await later.enter(id, "guest", ben, "Ben"))).toBeUndefined();
  await later.close();
});

test("a call ends on a full disk, too", async () => {
  const { rig, id, asha, ben } = await lockedRoom();
  vi.spyOn(rig.catalog.calls, "close").mockRejectedValueOnce(sqliteFull());
  asha.socket.say({ type: "end" });
  await rig.until(() => ben.socket.closed && asha.socket.closed);
  expect([refusal(ben), rig.signalling.room(id)]).toEqual(["ended", undefined]);
  vi.restoreAllMocks();
  await rig.close();
});

test("whoever was removed does not come back under another name, and keeps nobody out who was there by the same browser", async () => {
  const { rig, id, ben, dan } = await lockedRoom();
  const open = await rig.enter(id, "host", undefined, "Cleo");
  open.socket.say({ type: "rules", rules: { ...locked, locked: false } });
  await rig.until(() => open.socket.last("rules"));
  expect(refusal(await rig.enter(id, "guest", undefined, "Not Dan", "a-new-page", [dan]))).toBe("removed");
  const forged = { ...dan, secret: ben.secret };
  expect(refusal(await rig.enter(id, "guest", undefined, "Eve", "her-page", [forged]))).toBeUndefined();
  expect(refusal(await rig.enter(id, "guest", ben, "Ben", "bens-page", [dan]))).toBeUndefined();
  expect(refusal(await rig.enter(id, "host", undefined, "Asha", "host-page", [dan]))).toBeUndefined();
  await rig.close();
});

test("whoever is removed while they come back by another page does not get in by it", async () => {
  const { rig, id, asha, ben } = await lockedRoom();
  const save = rig.catalog.saveParticipant.bind(rig.catalog);
  const saving = vi.spyOn(rig.catalog, "saveParticipant").mockImplementationOnce(async (row) => {
    await save(row);
    asha.socket.say({ type: "remove", participant: ben.id });
    await rig.until(() => ben.socket.closed);
  });
  const back = await rig.enter(id, "guest", ben, "Ben", "another-page");
  saving.mockRestore();
  expect([back.welcomed, refusal(back)]).toEqual([false, "removed"]);
  await rig.close();
});

test("on a full disk the host's word holds all the same, and they are told that it is not kept", async () => {
  const rig = await callRig();
  const { id } = await rig.catalog.addRoom("Practice");
  const asha = await rig.enter(id, "host");
  const ben = await rig.enter(id, "guest");
  const refusals = () => asha.socket.heard.filter((down) => down.type === "refused").map(({ code }) => code);
  vi.spyOn(rig.catalog.calls, "rule").mockRejectedValueOnce(sqliteFull());
  asha.socket.say({ type: "rules", rules: locked });
  expect((await rig.until(() => ben.socket.last("rules"))).rules).toEqual(locked);
  vi.spyOn(rig.catalog.calls, "remove").mockRejectedValueOnce(sqliteFull());
  asha.socket.say({ type: "remove", participant: ben.id });
  await rig.until(() => ben.socket.closed);
  await rig.until(() => refusals().length === 2);
  expect(refusals()).toEqual(["disk-full", "disk-full"]);
  expect(refusal(await rig.enter(id, "guest", ben))).toBe("removed");
  vi.restoreAllMocks();
  await rig.close();
});
