// The server dies in the middle, hard or politely: nothing that was acked is lost, people stay in the call, the film is made.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { between, sharesOf } from "./rig/measure.ts";
import { Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

/** Every file of a recording's tracks and how long it is. */
function segmentFiles(dataFolder: string, recording: string): Map<string, number> {
  const tracks = join(dataFolder, "recordings", recording, "tracks");
  return new Map(
    readdirSync(tracks, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(webm|mp4)$/.test(entry.name))
      .map((entry) => [entry.name, statSync(join(entry.parentPath, entry.name)).size]),
  );
}

test("kill -9 of the server in mid-recording loses no acked byte, and the film is still made", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Crash");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1);
  const ben = await stage.person(browser, 2);
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.join(room.guestUrl, { name: "Ben" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);

  const safeBefore = (await stage.api.recording(id)).tracks.flatMap(({ segments }) => segments.map(({ id, bytes }) => ({ id, bytes })));
  expect(safeBefore).toHaveLength(2);
  expect(await stage.server.stop("SIGKILL")).toBe("SIGKILL");
  const left = segmentFiles(stage.server.dataFolder, id);
  for (const { id: segment, bytes } of safeBefore) {
    const [, size = 0] = [...left].find(([name]) => name.startsWith(segment)) ?? [];
    expect(size).toBeGreaterThanOrEqual(bytes);
  }

  await stage.server.start();
  const { composition } = await stage.api.recording(id);
  expect(composition.watermarkMs, "finished windows survive").toBeGreaterThanOrEqual(3200);
  await stage.filmed(id, 12_800, 60_000);
  await asha.click("button", "Stop recording");
  await asha.readsSafe(60_000);
  await ben.readsSafe(60_000);
  const recording = await stage.api.settles(id);
  for (const [person, name] of [
    [asha, "Asha"],
    [ben, "Ben"],
  ] as const) {
    const track = recording.tracks.find(({ participant }) => participant.name === name);
    const written = (await person.written()).map(({ bytes, sha256 }) => ({ bytes, sha256 }));
    expect(track?.segments.map(({ bytes, sha256 }) => ({ bytes, sha256 }))).toEqual(written);
  }
  const film = await stage.film(id);
  const shares = sharesOf(between(film, 1000, recording.durationMs - 1000), 1);
  expect(shares.map((share) => Object.keys(share)).toSorted()).toEqual([["1"], ["2"]]);
  for (const share of shares) expect(Math.max(...Object.values(share))).toBeGreaterThan(0.97);
});

test("SIGTERM tells the tabs to come back, ends with 0, and the next start goes on with the recording", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Restart");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, { width: 320, height: 180 });
  await asha.join(room.hostUrl, { name: "Asha" });
  const sender = await Sender.join(stage.server.url, room, room.guestKey, "Ben");
  await asha.sees("group", "Ben");
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await asha.sees("status", "Recording");
  await sender.call.hears("recording");
  sender.leave();
  expect((await sender.call.closes()).code).toBe(1000);
  const watcher = await Sender.join(stage.server.url, room, room.observerKey, "Olu");
  await stage.filmed(id, 3200);
  expect(await stage.server.stop("SIGTERM")).toBe(0);
  expect((await watcher.call.closes()).code).toBe(1012);

  await stage.server.start();
  await stage.filmed(id, 6400, 60_000);
  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  const recording = await stage.api.settles(id);
  expect(recording.tracks.map(({ participant, state }) => [participant.name, state])).toEqual([["Asha", "safe"]]);
});

test("a page that is reloaded in mid-recording stays the same participant and the same track", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Reload");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, { width: 320, height: 180 });
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  await asha.page.reload();
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.sees("status", "Recording");
  const again = (await stage.api.recording(id)).composition.watermarkMs;
  await stage.filmed(id, again + 6400);
  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  const recording = await stage.api.settles(id);
  expect(recording.tracks.map(({ participant, state }) => [participant.name, state])).toEqual([["Asha", "safe"]]);
  const [track] = recording.tracks;
  expect(track?.segments).toHaveLength(2);
  expect(track?.segments.every(({ sha256 }) => sha256 !== null)).toBe(true);
  expect(track?.gaps.map(({ reason }) => reason)).toEqual(["rejoined"]);
  const film = await stage.film(id);
  const [first, second] = track?.segments ?? [];
  // Less than a chunk of what came before the reload may be missing.
  const before = between(film, 1000, (first?.endMs ?? 0) - 200);
  const after = between(film, (second?.startMs ?? 0) + 200, recording.durationMs - 200);
  for (const pictures of [before, after]) expect(sharesOf(pictures, 0)[0]?.[1]).toBeGreaterThan(0.95);
});
