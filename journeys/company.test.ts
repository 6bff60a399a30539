// More than two, and not all of the time: the layout follows who is there.
import { expect, test } from "vitest";
import { defaultCanvas, even, layoutOf } from "../server/compose/layout.ts";
import { screenNumber } from "./rig/camera.ts";
import { between, sharesOf } from "./rig/measure.ts";
import { Stage } from "./rig/stage.ts";

const small = { width: 320, height: 180 };

test("someone who joins late or leaves early is on the film only while there, and the layout follows", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Coming and going");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, small);
  const ben = await stage.person(browser, 2, small);
  const chen = await stage.person(browser, 3, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.join(room.guestUrl, { name: "Ben" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);

  await chen.join(room.guestUrl, { name: "Chen" });
  await chen.sees("status", "Recording");
  await asha.watches("Chen");
  const together = (await stage.api.recording(id)).composition.watermarkMs;
  await stage.filmed(id, together + 6400);

  await ben.click("button", "Leave");
  await ben.readsSafe();
  await asha.seesNo("group", "Ben");
  const parted = (await stage.api.recording(id)).composition.watermarkMs;
  await stage.filmed(id, parted + 6400);

  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  await chen.readsSafe();
  const recording = await stage.api.settles(id);
  expect(recording.tracks.map(({ participant, state }) => [participant.name, state]).toSorted()).toEqual([
    ["Asha", "safe"],
    ["Ben", "safe"],
    ["Chen", "safe"],
  ]);

  const film = await stage.film(id);
  const track = (name: string) => recording.tracks.find(({ participant }) => participant.name === name)?.segments[0];
  const chenFrom = track("Chen")?.startMs ?? 0;
  const benTo = track("Ben")?.endMs ?? 0;
  expect(chenFrom).toBeGreaterThan(1000);
  expect(benTo).toBeLessThan(recording.durationMs - 1000);
  // Pictures are 33 ms apart; 200 ms beside each change are left out for the first picture after it.
  const seen = (fromMs: number, toMs: number, faces: number) => sharesOf(between(film, fromMs, toMs), faces - 1);
  const expectOnly = (shares: Record<number, number>[], people: number[]) => {
    expect(shares.map((share) => Object.keys(share).join()).toSorted()).toEqual(people.map(String));
    for (const share of shares) expect(Math.max(...Object.values(share))).toBeGreaterThan(0.95);
  };
  expectOnly(seen(1000, chenFrom - 200, 2), [1, 2]);
  expectOnly(seen(chenFrom + 200, benTo - 200, 3), [1, 2, 3]);
  expectOnly(seen(benTo + 200, recording.durationMs - 200, 2), [1, 3]);
});

test("a shared screen is a second track of its participant, and on the film while it is shared", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Screen");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  await asha.click("button", "Share screen");
  await asha.sees("button", "Stop sharing");
  const shared = (await stage.api.recording(id)).composition.watermarkMs;
  await stage.filmed(id, shared + 6400);
  await asha.click("button", "Stop sharing");
  await asha.sees("button", "Share screen");
  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  const recording = await stage.api.settles(id);
  expect(recording.tracks.map(({ participant, source, state }) => [participant.name, source, state]).toSorted()).toEqual([
    ["Asha", "camera", "safe"],
    ["Asha", "screen", "safe"],
  ]);
  const screen = recording.tracks.find(({ source }) => source === "screen")?.segments[0];
  const beside = layoutOf(
    recording.tracks.map((track) => ({ key: track.id, source: track.source })),
    defaultCanvas,
  );
  // The screen is as wide as the camera's picture is: whole within its rectangle, dark above and below.
  const [face, large] = [beside[0]!, beside[1]!];
  const height = even((large.width * 9) / 16);
  const shown = { ...large, y: even(large.y + (large.height - height) / 2), height };
  const film = await stage.film(id, [[face, shown]]);
  const during = between(film, (screen?.startMs ?? 0) + 200, (screen?.endMs ?? 0) - 200);
  expect(during.length).toBeGreaterThan(60);
  const shares = sharesOf(during, 4);
  // Large, and the face beside it.
  expect(shares.map((share) => Object.keys(share).join())).toEqual(["1", String(1 + screenNumber)]);
  expect(large.width).toBeGreaterThan(3 * face.width);
  for (const share of shares) expect(Math.max(...Object.values(share))).toBeGreaterThan(0.95);
});

test("an observer sees the call and is never on the film", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Watched");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, small);
  const olu = await stage.person(browser, 5, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  await olu.join(room.observerUrl, { name: "Olu", consent: null });
  await asha.click("button", "Record");
  await olu.sees("status", "Recording");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  const recording = await stage.api.settles(id);
  expect(recording.tracks.map(({ participant }) => participant.name)).toEqual(["Asha"]);
  expect(await olu.written()).toEqual([]);
});
