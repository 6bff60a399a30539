// People in a call do what people do: write, mark, raise a hand, pause; the host mutes, locks, removes and goes, and the recording is none the worse.
import { expect, test } from "vitest";
import { type CallUp, callVersion } from "../protocol/call.ts";
import { between } from "./rig/measure.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { openCall, Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

test("a call with a count, chat, a pause, a bookmark, a hand, an observer and a host who goes: one film, with the pause in it", async () => {
  const stage = await Stage.open({ DOUBLETAKE_COUNTDOWN_S: "2" });
  const room = await stage.api.createRoom("Together");
  const small = { width: 320, height: 180 };
  const asha = await stage.person(await stage.browser("chromium"), 1, small);
  const ben = await stage.person(await stage.browser("firefox"), 2, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.join(room.guestUrl, { name: "Ben" });
  await asha.watches("Ben");
  await ben.click("button", "Chat");
  await ben.fill("Message", "before");
  await ben.click("button", "Send");
  await asha.sees("button", "Chat, 1 new message");

  await asha.click("button", "Record");
  await ben.sees("timer", "Recording starts in a moment.");
  await ben.sees("status", "Recording");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  await asha.click("button", "Pause recording");
  await ben.sees("status", "Paused");
  const pausedMs = (await stage.api.recording(id)).durationMs;
  await stage.reaches(id, pausedMs + 3000);
  await asha.click("button", "Resume recording");
  await ben.sees("status", "Recording");
  await ben.click("button", "Bookmark this moment");
  await ben.fill("Message", "while it <b>records</b>");
  await ben.click("button", "Send");

  const cleo = await Sender.join(stage.server.url, room, room.observerKey, "Cleo");
  const dan = await Sender.join(stage.server.url, room, room.guestKey, "Dan");
  cleo.call.say({ type: "chat", body: "may I?" });
  expect((await cleo.call.hears("refused")).code).toBe("not-allowed");
  await ben.click("button", "Raise hand");
  await asha.click("button", "People");
  await asha.reads("1 observer");
  await asha.reads("hand raised");
  await asha.click("button", "Mute Ben");
  await ben.sees("button", "Unmute microphone");
  await ben.reads("Asha switched your microphone off");
  await asha.click("checkbox", "Lock the room");
  await dan.call.hears("rules");
  await expect(Sender.join(stage.server.url, room, room.guestKey, "Eve")).rejects.toThrow("4403");
  await asha.click("button", "Move Dan forward on my screen");
  await poll(async () => /^Dan,Ben/.test(await tilesOf(asha)), { what: "Dan's tile is before Ben's" });
  expect(await tilesOf(ben)).toMatch(/^Asha,Dan/);
  await asha.click("button", "Remove Dan");
  await asha.click("button", "Remove");
  expect((await dan.call.closes()).code).toBe(4403);
  const again = await openCall(stage.server.url);
  const as = { id: dan.me.id, secret: dan.me.secret };
  const join = { version: callVersion, room: room.id, key: room.guestKey, name: "Dan", instance: "another-page", consent: true };
  again.say({ type: "join", ...join, as, microphone: true, camera: true } satisfies CallUp);
  expect((await again.hears("refused")).code).toBe("removed");

  await asha.click("button", "Leave");
  await ben.sees("button", "Stop recording");
  await stage.reaches(id, pausedMs + 8000);
  await ben.click("button", "Stop recording");
  await ben.readsSafe(60_000);
  const recording = await stage.api.settles(id);
  expect(recording.problems).toEqual([]);
  expect(recording.tracks.map(({ participant }) => participant.name).toSorted()).toEqual(["Asha", "Ben"]);
  expect(recording.pauses).toHaveLength(1);
  const [pause] = recording.pauses;
  const fromMs = pause?.fromMs ?? 0;
  const toMs = pause?.toMs ?? 0;
  expect(toMs - fromMs).toBeGreaterThanOrEqual(2900);
  for (const { gaps } of recording.tracks)
    expect(gaps.map(({ reason }) => reason).filter((reason) => reason === "paused")).toEqual(["paused"]);
  const chat = await (await stage.api.ask("GET", `/recordings/${id}/chat`)).json();
  expect(chat.items.map(({ body }: { body: string }) => body)).toEqual(["while it <b>records</b>"]);
  expect(chat.items[0].atMs).toBeGreaterThanOrEqual(toMs);
  const marks = await (await stage.api.ask("GET", `/recordings/${id}/bookmarks`)).json();
  expect(marks.items.map(({ participant }: { participant: { name: string } }) => participant.name)).toEqual(["Ben"]);

  const film = await stage.film(id);
  const seen = (from: number, to: number) =>
    between(film, from, to).filter(({ codes }) => [1, 2].every((number) => codes[1]?.some((code) => code?.participant === number)));
  // A recorder may take a second and more to stop or start on a busy machine.
  expect(seen(1000, fromMs - 500).length).toBeGreaterThan(30);
  expect(seen(fromMs + 1500, toMs - 200).length, "nobody is seen while it is paused").toBe(0);
  expect(seen(toMs + 2000, recording.durationMs).length).toBeGreaterThan(15);
});

/** Whose tiles there are, in order. */
async function tilesOf(person: Person): Promise<string> {
  return await person.page.$$eval(".faces > .tile", (tiles) => tiles.map((tile) => tile.getAttribute("aria-label")).join());
}
