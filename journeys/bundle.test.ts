// A recording is taken along from one server and taken in by another; and a part of its film is a film of its own.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ElementHandle } from "puppeteer-core";
import { expect, onTestFinished, test } from "vitest";
import { defaultCanvas, layoutOf } from "../server/compose/layout.ts";
import { readFilm } from "./rig/film.ts";
import { recorded } from "./rig/recorded.ts";
import { adminKey, TestServer } from "./rig/server.ts";
import { Stage } from "./rig/stage.ts";

const durationMs = 9000;
/** Across a border between two windows (6400), and in the middle of both. */
const part = { fromMs: 4100, toMs: 7300 };
const pictureMs = 1000 / 30;

test("a part of the film shows exactly its pictures with their sound; all of it, taken along, is the same recording elsewhere", async () => {
  const stage = await Stage.open();
  const { room, id } = await recorded(stage.server, durationMs);

  const path = `/recordings/${id}/video.mp4?fromMs=${part.fromMs}&toMs=${part.toMs}`;
  const file = await stage.api.download(path, join(stage.server.place.path, "part.mp4"));
  const answer = await stage.api.ask("GET", path, undefined, { range: "bytes=0-99" });
  expect(answer.status).toBe(206);
  const etag = answer.headers.get("etag") ?? "";
  expect(etag).toMatch(/^"/);
  expect((await stage.api.ask("GET", path, undefined, { "if-none-match": etag })).status).toBe(304);
  const whole = await stage.film(id);
  const cut = await readFilm(file, [layoutOf([{ key: "asha", source: "camera" }], defaultCanvas)]);
  const first = Math.round(part.fromMs / pictureMs);
  const wanted = whole.pictures.slice(first, Math.round(part.toMs / pictureMs)).map(({ codes }) => codes[0]?.[0]);
  expect(wanted.every((code) => code?.participant === 1)).toBe(true);
  expect(cut.pictures.map(({ codes }) => codes[0]?.[0])).toEqual(wanted);
  expect(Math.abs(cut.pictures[0]?.atMs ?? Number.NaN)).toBeLessThan(pictureMs / 2);
  expect(Math.abs((cut.pictures.at(-1)?.atMs ?? 0) + pictureMs - (part.toMs - part.fromMs))).toBeLessThan(pictureMs);
  // The same sound at the same moments: what the decoder needs to get going is over after 50 ms.
  const [sound, all] = [cut.sound!, whole.sound!];
  const at = (of: typeof sound, ms: number) => of.samples[Math.round(((ms - of.startMs) * of.sampleRate) / 1000)] ?? Number.NaN;
  let [off, loud] = [0, 0];
  for (let ms = 50; ms < part.toMs - part.fromMs - 50; ms += 0.5) {
    off = Math.max(off, Math.abs(at(sound, ms) - at(all, first * pictureMs + ms)));
    loud = Math.max(loud, Math.abs(at(sound, ms)));
  }
  expect(loud).toBeGreaterThan(0.1);
  expect(off).toBeLessThan(0.01);

  const kim = await reviewer(stage, room.guestKey, id);
  const asked = (await (await kim("POST", "comments", { atMs: 2345, endMs: 4000, body: "Well asked" })).json()) as { id: string };
  await kim("POST", "comments", { atMs: 2345, body: "Thank you", parentId: asked.id });
  const zip = join(stage.server.place.path, "debrief.zip");
  const bundle = await stage.api.ask("GET", `/recordings/${id}/bundle`);
  const bytes = Buffer.from(await bundle.arrayBuffer());
  expect(bytes.length).toBe(Number(bundle.headers.get("content-length")));
  writeFileSync(zip, bytes);
  writeFileSync(`${zip}.torn`, bytes.subarray(0, 5000));

  const elsewhere = await TestServer.open();
  onTestFinished(() => elsewhere.close());
  const person = await stage.person(await stage.browser("chromium"), 2);
  await person.page.goto(`${elsewhere.url}/#admin=${adminKey}`);
  await person.sees("button", "Bring in a recording");
  const choose = async (chosen: string) => {
    const input = await person.page.waitForSelector('input[type="file"]');
    await (input as ElementHandle<HTMLInputElement>).uploadFile(chosen);
  };
  await choose(`${zip}.torn`);
  await person.reads("did not arrive whole");
  expect((await elsewhere.api.recordings()).items).toEqual([]);
  await choose(zip);
  const taken = await elsewhere.api.recordingOf();
  expect(taken.id).not.toBe(id);
  await elsewhere.api.settles(taken.id);
  const comments = (await elsewhere.api.comments(taken.id)).items;
  expect(comments.map(({ atMs, endMs, author, body }) => ({ atMs, endMs, author, body }))).toEqual([
    { atMs: 2345, endMs: 4000, author: "Kim", body: "Well asked" },
    { atMs: 2345, endMs: null, author: "Kim", body: "Thank you" },
  ]);
  expect(comments[1]?.parentId).toBe(comments[0]?.id);
  await person.page.goto(`${elsewhere.url}/v/${taken.id}`);
  await person.reads("Thank you");
  await person.plays("Recording");
  await person.sees("link", "Everything as one zip");
  // By the same timeline the same film: each picture is the one it was.
  const again = await elsewhere.api.download(`/recordings/${taken.id}/video.mp4`, join(elsewhere.place.path, "again.mp4"));
  const film = await readFilm(again, [layoutOf([{ key: "asha", source: "camera" }], defaultCanvas)]);
  expect(film.pictures.map(({ codes }) => codes[0]?.[0])).toEqual(whole.pictures.map(({ codes }) => codes[0]?.[0]));
  expect(person.complaints.filter((one) => !/400|Failed to load resource/.test(one))).toEqual([]);
});

/** Somebody called Kim, who asks about the recording by name. */
async function reviewer(stage: Stage, key: string, id: string) {
  const api = stage.api.as(key);
  const made = (await (await api.ask("POST", `/recordings/${id}/reviewers`, { name: "Kim" })).json()) as { identity: string };
  return (method: string, what: string, body: unknown) =>
    api.ask(method, `/recordings/${id}/${what}`, body, { "doubletake-reviewer": made.identity });
}
