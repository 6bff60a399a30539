// What was written or marked while a connection was going down is said again on the next one: it is taken once, and stands where it was made.
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeId } from "../store/catalog.ts";
import { callRig, type Here } from "./call.fixture.ts";
import { epoch, serverMs } from "./clock.ts";

let rig: Awaited<ReturnType<typeof callRig>>;
beforeAll(async () => {
  rig = await callRig();
});
afterAll(() => rig.close());

async function room() {
  const { id } = await rig.catalog.addRoom("Practice");
  return { id, asha: await rig.enter(id, "host", undefined, "Asha"), ben: await rig.enter(id, "guest", undefined, "Ben") };
}

const chats = ({ socket }: Here) => socket.heard.flatMap((down) => (down.type === "chat" ? [down.message.id] : []));
const marks = ({ socket }: Here) => socket.heard.flatMap((down) => (down.type === "bookmark" ? [down.bookmark.id] : []));

test.each([false, true])(
  "what is written twice is said once, and the second time answered to whoever wrote it; recorded: %s",
  async (recorded) => {
    const { id, asha, ben } = await room();
    const recording = recorded ? await rig.recordings.start(id) : null;
    const message = { type: "chat", id: makeId("msg"), body: "are you there?" } as const;
    ben.socket.say(message);
    const back = await rig.enter(id, "guest", ben, "Ben");
    for (let time = 0; time < 2; time++) back.socket.say(message);
    await rig.until(() => chats(back).length >= 2);
    back.socket.say({ ...message, id: makeId("msg"), body: "good" });
    await rig.until(() => chats(asha).length >= 2);
    expect(new Set(chats(asha)).size).toBe(chats(asha).length);
    expect(chats(asha)[0]).toBe(message.id);
    expect(rig.signalling.room(id)?.chat.map(({ body }) => body)).toEqual(["are you there?", "good"]);
    if (recording) expect((await rig.catalog.messages(recording.id, 0, 9)).map(({ body }) => body)).toEqual(["are you there?", "good"]);
  },
);

/** One that began a minute ago, and was paused from its tenth to its twentieth second. */
async function recorded(roomId: string): Promise<string> {
  const { id } = await rig.catalog.addRecording({ roomId, startedAt: Date.now() - 60_000, zeroMs: serverMs() - 60_000, epoch });
  await rig.catalog.pause(id, 10_000);
  await rig.catalog.resume(id, 20_000);
  return id;
}

test("a mark that waited for a connection stands where it was made, once, also when the recording is over by then", async () => {
  const { id, asha, ben } = await room();
  const recording = await recorded(id);
  const mark = { type: "bookmark", id: makeId("bmk"), recording, agoMs: 30_000 } as const;
  const first = { ...mark, id: makeId("bmk"), agoMs: 90_000 };
  ben.socket.say(mark);
  await rig.until(() => marks(asha).length === 1);
  await rig.recordings.stop(recording);
  for (const one of [mark, first]) ben.socket.say(one);
  await rig.until(() => marks(ben).length === 3);
  expect(marks(asha)).toEqual([mark.id, first.id]);
  const [start, middle] = await rig.catalog.bookmarks(recording, 0, 9);
  expect([start?.id, start?.atMs, middle?.id]).toEqual([first.id, 0, mark.id]);
  expect(Math.abs((middle?.atMs ?? 0) - 30_000)).toBeLessThan(10_000);
});

test("a mark of a moment that no recording of this room has is refused, and the refusal names it", async () => {
  const { id, ben } = await room();
  const elsewhere = await room();
  const recording = await recorded(id);
  const says = async (who: Here, agoMs: number) => {
    const mark = makeId("bmk");
    who.socket.say({ type: "bookmark", id: mark, recording, agoMs });
    return (await rig.until(() => who.socket.heard.find((down) => down.type === "refused" && down.about === mark))) as { code: string };
  };
  // In the pause, and from another room.
  expect((await says(ben, 45_000)).code).toBe("not-recording");
  expect((await says(elsewhere.ben, 30_000)).code).toBe("not-recording");
  await rig.recordings.stop(recording, 40_000);
  expect((await says(ben, 0)).code).toBe("not-recording");
  expect(await rig.catalog.bookmarks(recording, 0, 9)).toEqual([]);
});
