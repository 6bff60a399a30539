// After the call: watch, comment, download, delete.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFilm } from "./rig/film.ts";
import { makeFootage } from "./rig/footage.ts";
import { sharesOf } from "./rig/measure.ts";
import { poll } from "./rig/poll.ts";
import { Sender } from "./rig/sender.ts";
import { adminKey } from "./rig/server.ts";
import { Stage } from "./rig/stage.ts";

const durationMs = 6000;

/** A finished recording of one participant, made without a browser. */
async function recorded(stage: Stage) {
  const room = await stage.api.createRoom("Review");
  const sender = await Sender.join(stage.server.url, room, room.hostKey, "Asha");
  sender.call.say({ type: "record" });
  const { recording } = await sender.call.hears("recording");
  const startMs = performance.timeOrigin + performance.now();
  const { line, track } = await sender.openTrack(recording.id);
  const footage = await makeFootage({ participant: 1, durationMs, trueMs: startMs });
  const { segment } = await sender.sendSegment(line, footage, startMs);
  line.say({ type: "end", segments: [segment] });
  await line.hears("ended");
  await poll(() => performance.timeOrigin + performance.now() > startMs + durationMs, { what: "the footage's time has passed" });
  await stage.api.stop(recording.id);
  await stage.api.settles(recording.id);
  sender.leave();
  return { stage, room, id: recording.id, track, segment };
}

let shared: Awaited<ReturnType<typeof recorded>>;

beforeAll(async () => {
  const stage = await Stage.share();
  shared = await recorded(stage).catch(async (error: unknown) => {
    await stage.close();
    throw error;
  });
});
afterAll(() => shared?.stage.close());

test("the review page plays, takes comments at a moment, seeks to them, and deletes them, in Chromium and in Firefox", async () => {
  const { stage, room, id } = shared;
  for (const kind of ["chromium", "firefox"] as const) {
    const browser = await stage.browser(kind);
    const olu = await stage.person(browser, 4);
    await olu.page.goto(`${stage.server.url}/v/${id}#${room.hostKey}`);
    await olu.plays("Recording");
    await olu.sees("slider", "Timeline");
    const words = `<b>Look</b> here, says ${kind}`;
    await olu.fill("Comment", words);
    await olu.click("button", "Post");
    await olu.sees("list", "Comments");
    await olu.reads(words);
    const [comment] = (await stage.api.comments(id)).items.filter(({ body }) => body === words);
    expect(comment?.atMs).toBeGreaterThan(0);
    expect(comment?.atMs).toBeLessThan(durationMs);
    const videoUrl = await olu.hrefOf("Download video");
    const answer = await fetch(videoUrl, { headers: { range: "bytes=0-11" } });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([206, "video/mp4"]);
    expect(Buffer.from(await answer.arrayBuffer()).toString("latin1", 4, 8)).toBe("ftyp");
    expect((await stage.api.ask("DELETE", `/comments/${comment?.id}`)).status).toBe(204);
    expect((await stage.api.comments(id)).items).toEqual([]);
  }
});

test("a film that is asked for in pieces is the same film, and seeks", async () => {
  const { stage, id } = shared;
  const whole = await stage.api.bytes(`/recordings/${id}/video.mp4`);
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < whole.length; from += 100_000) {
    const answer = await stage.api.ask("GET", `/recordings/${id}/video.mp4`, undefined, { range: `bytes=${from}-${from + 99_999}` });
    expect(answer.status).toBe(206);
    pieces.push(new Uint8Array(await answer.arrayBuffer()));
  }
  expect(Buffer.concat(pieces).equals(Buffer.from(whole))).toBe(true);
  const tail = await stage.api.ask("GET", `/recordings/${id}/video.mp4`, undefined, { range: `bytes=${whole.length}-` });
  expect(tail.status).toBe(416);
});

test("a track downloads as one file that plays from its first picture to its last", async () => {
  const { stage, track } = shared;
  const file = await stage.api.download(`/tracks/${track}/media?aligned=0`, join(stage.server.place.path, "track.webm"));
  const film = await readFilm(file, [[{ x: 0, y: 0, width: 640, height: 360 }]]);
  expect(film.pictures).toHaveLength((durationMs * 30) / 1000);
  expect(sharesOf(film.pictures, 0)[0]?.[1]).toBeGreaterThan(0.99);
  expect(film.sound).not.toBeNull();
});

test("the playlist has every window, an end, and plays without a key", async () => {
  const { stage, id } = shared;
  const { composition, durationMs: recordedMs } = await stage.api.recording(id);
  const answer = await fetch(new URL(composition.playlistUrl, stage.server.url));
  const playlist = await answer.text();
  expect(playlist).toContain("#EXT-X-ENDLIST");
  const seconds = [...playlist.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, [, length]) => sum + Number(length), 0);
  expect(Math.abs(seconds * 1000 - recordedMs)).toBeLessThan(40);
  for (const uri of playlist.split("\n").filter((line) => line && !line.startsWith("#"))) {
    expect((await fetch(new URL(uri, new URL(composition.playlistUrl, stage.server.url)))).status).toBe(200);
  }
});

test("delete removes everything of a recording: files, rows, comments, and what signed URLs opened", async () => {
  const { stage, room, id, track, segment } = await recorded(await Stage.open());
  await stage.api.comment(id, { atMs: 1000, body: "gone soon" });
  const { composition } = await stage.api.recording(id);
  const signed = new URL(composition.videoUrl ?? "", stage.server.url);
  expect((await fetch(signed)).status).toBe(200);
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1);
  await asha.page.goto(`${stage.server.url}/#admin=${adminKey}`);
  await asha.sees("list", "Recordings");
  expect((await stage.api.ask("DELETE", `/recordings/${id}`)).status).toBe(204);
  for (const path of [
    `/recordings/${id}`,
    `/recordings/${id}/comments`,
    `/recordings/${id}/video.mp4`,
    `/tracks/${track}/media`,
    `/segments/${segment}/media`,
  ]) {
    expect((await stage.api.ask("GET", path)).status, path).toBe(404);
    expect((await stage.api.as(room.hostKey).ask("GET", path)).status, path).toBe(403);
  }
  expect((await fetch(signed)).status).toBe(403);
  expect((await stage.api.recordings()).items).toEqual([]);
  const left = readdirSync(stage.server.dataFolder, { recursive: true })
    .map(String)
    .filter((path) => path.includes(id) || path.includes(track));
  expect(left).toEqual([]);
});
