// A film that grows is watched while it does, by somebody who is not in the room; and what can be taken home of it afterwards.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CreatedRoom, Recording } from "../protocol/api.ts";
import { readFilm } from "./rig/film.ts";
import { makeFootage } from "./rig/footage.ts";
import { sendLive } from "./rig/live.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

const durationMs = 20_000;
let stage: Stage;
let room: CreatedRoom;
let id: string;

beforeAll(async () => {
  stage = await Stage.share();
});
afterAll(() => stage?.close());

interface Seen {
  atMs: number;
  /** Null: endless. */
  durationMs: number | null;
  paused: boolean;
  /** The element is the one that was there when the page was opened, with the source it had then. */
  same: boolean;
}

const lookSource = `(() => {
  const video = document.querySelector('video[aria-label="Recording"]');
  if (!video) return null;
  window.first ??= { video, src: video.currentSrc };
  return {
    atMs: video.currentTime * 1000,
    durationMs: Number.isFinite(video.duration) ? video.duration * 1000 : null,
    paused: video.paused,
    same: window.first.video === video && window.first.src === video.currentSrc,
  };
})()`;

async function look(person: Person): Promise<Seen | null> {
  return (await person.page.evaluate(lookSource)) as Seen | null;
}

async function reaches(person: Person, what: string, test: (seen: Seen) => boolean, limitMs = 60_000): Promise<Seen> {
  return await poll(
    async () => {
      const seen = await look(person);
      return seen !== null && test(seen) && seen;
    },
    { what: `${person.browser}: ${what}`, limitMs },
  );
}

/** Live, back to zero, live again, and on into the finished film. */
async function watches(person: Person): Promise<void> {
  await person.page.goto(`${stage.server.url}/v/${id}#${room.observerKey}`);
  await person.sees("button", "Live");
  await reaches(person, "there is something to see", (seen) => seen.atMs >= 0);
  await person.click("button", "Play");
  const live = await reaches(person, "it plays at the edge", (seen) => !seen.paused && seen.atMs > 0);
  await reaches(person, "it goes on", (seen) => seen.atMs > live.atMs + 1000);
  await person.page.keyboard.press("Home");
  const start = await reaches(person, "it is scrubbed back to zero", (seen) => seen.atMs < 2500);
  await reaches(person, "it plays from there", (seen) => seen.atMs > start.atMs + 500);
}

test("an observer watches the film grow in Chromium and in Firefox, goes back, and is there when it is complete", async () => {
  room = await stage.api.createRoom("Live");
  const footage = await makeFootage({ participant: 1, durationMs, trueMs: 0, width: 320, height: 180 });
  const sender = await Sender.join(stage.server.url, room, room.hostKey, "Asha");
  const people = [await stage.person(await stage.browser("chromium"), 4), await stage.person(await stage.browser("firefox"), 5)];
  sender.call.say({ type: "record" });
  ({ id } = await stage.api.recordingOf(room.id));
  const sending = sendLive(sender, id, footage, durationMs);
  await stage.filmed(id, 3200);
  await Promise.all(people.map((person) => watches(person)));
  const finish = await sending;
  // Recording or not, nobody has left the place where they watch.
  const before = await Promise.all(people.map((person) => look(person)));
  sender.call.say({ type: "stop" });
  await finish();
  const ready = await stage.api.settles(id);
  for (const [index, person] of people.entries()) {
    const after = await reaches(person, "the film has an end", (seen) => seen.durationMs !== null);
    expect(after.same).toBe(true);
    expect(after.atMs).toBeGreaterThanOrEqual(before[index]!.atMs - 1);
    expect(Math.abs(after.durationMs! - ready.durationMs)).toBeLessThan(100);
    await person.seesNo("button", "Live");
    await person.page.keyboard.press("End");
    await reaches(person, "it ends", (seen) => seen.same && Math.abs(seen.atMs - after.durationMs!) < 100);
    expect(person.complaints).toEqual([]);
  }
});

test("what is handed out decodes, and begins with the film", async () => {
  const recording = await stage.api.recording(id);
  const { composition, tracks } = recording;
  const [track] = tracks;
  const got = async (url: string | null | undefined, name: string) =>
    await stage.api.as(null).download(url ?? "", join(stage.server.place.path, name));
  const film = await readFilm(await got(composition.videoUrl, "film.mp4"), "whole");
  const own = await readFilm(await got(track?.mediaUrl, "track.webm"), "whole");
  const raw = await readFilm(await got(track?.rawUrl, "raw.webm"), "whole");
  // The same true moment stands at the same time, in the film and in the track.
  const shown = (pictures: typeof film.pictures, atMs: number) =>
    pictures.findLast((picture) => picture.atMs <= atMs + 1)?.codes[0]?.[0]?.trueMs;
  // One picture of thirty a second, and both are whole milliseconds.
  for (const atMs of [2000, 7000, 15_000])
    expect(Math.abs((shown(own.pictures, atMs) ?? 0) - (shown(film.pictures, atMs) ?? 1e9))).toBeLessThanOrEqual(34);
  expect(own.pictures[0]?.atMs).toBe(0);
  expect(raw.pictures.length).toBeLessThanOrEqual(own.pictures.length);
  const lengths = [];
  for (const [url, name] of [
    [composition.audioUrl, "film.m4a"],
    [track?.flacUrl, "track.flac"],
    [track?.wavUrl, "track.wav"],
  ] as const) {
    const sound = (await readFilm(await got(url, name), "whole")).sound;
    lengths.push(sound ? (sound.samples.length * 1000) / sound.sampleRate : 0);
  }
  for (const lengthMs of lengths) expect(Math.abs(lengthMs - recording.durationMs)).toBeLessThan(60);
  await pictures(recording);
});

async function pictures({ composition, tracks }: Recording): Promise<void> {
  const sheet = composition.thumbnails?.url.replace("{sheet}", "0") ?? "";
  for (const url of [composition.posterUrl ?? "", sheet]) {
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get("content-type")], url).toEqual([200, "image/jpeg"]);
    const head = await fetch(url, { method: "HEAD" });
    expect(head.headers.get("content-length")).toBe(String((await answer.arrayBuffer()).byteLength));
    expect(head.headers.get("etag")).toBe(answer.headers.get("etag"));
  }
  expect(await (await fetch(composition.thumbnailsUrl ?? "")).text()).toContain("#xywh=0,144,256,144");
  const peaks = (await (await fetch(tracks[0]?.peaksUrl ?? "")).json()) as { perSecond: number; levels: number[] };
  expect(peaks.levels.length).toBeGreaterThan((durationMs / 1000) * 20 - 2);
  // It beeps once a second.
  const loud = peaks.levels.filter((level) => level < 30).length;
  expect(loud).toBeGreaterThan(15);
  expect(loud).toBeLessThan(peaks.levels.length / 2);
}
