// What is whispered, where the room keeps it: on its way like a camera, on no film, and for those it is for. Without a browser.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as passes } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ClockSample, SegmentId } from "../protocol/recording.ts";
import { WhisperList } from "../protocol/whispers.ts";
import { toneHz } from "./rig/code.ts";
import { readFilm } from "./rig/film.ts";
import { makeFootage } from "./rig/footage.ts";
import { resumeTrack, Sender } from "./rig/sender.ts";
import { loudness } from "./rig/sound.ts";
import { Stage } from "./rig/stage.ts";

const durationMs = 3000;
/** When the button was held, after Record. */
const held = { fromMs: 1000, toMs: 2000 };

test("a kept whisper is heard by its two people and the host, at its moment, and is nowhere else", async () => {
  const stage = await Stage.open();
  const { api, server } = stage;
  const room = await api.createRoom("Practice");
  expect((await api.ask("PATCH", `/rooms/${room.id}`, { keepWhispers: true })).status).toBe(200);
  const asha = await Sender.join(server.url, room, room.hostKey, "Asha");
  const cleo = await Sender.join(server.url, room, room.observerKey, "Cleo");
  asha.call.say({ type: "record", count: false });
  const { recording } = await asha.call.hears("recording");
  const startMs = performance.timeOrigin + performance.now();
  const { line } = await asha.openTrack(recording.id);
  cleo.call.say({ type: "track", recording: recording.id, source: `whisper:${asha.me.id}` });
  const { track, token } = await cleo.call.hears("track");
  const aside = await resumeTrack(server.url, track, token);
  const footage = await makeFootage({ participant: 1, durationMs, trueMs: startMs });
  const sound = await makeFootage({ participant: 3, durationMs, trueMs: startMs, video: false });
  // A recorder hands over what has been.
  await passes(Math.max(0, startMs + durationMs - performance.timeOrigin - performance.now()));
  const { segment: camera } = await asha.sendSegment(line, footage, startMs);
  line.say({ type: "end", segments: [camera] });
  await line.hears("ended");
  const segment = cleo.openSegment(aside, startMs, "audio/webm;codecs=opus") as SegmentId;
  await aside.hears("offset");
  const switched = (atMs: number, on: boolean): ClockSample => {
    const browserMs = startMs + atMs;
    return { sentMs: browserMs, receivedMs: browserMs, serverMs: 0, epoch: "", camera: on };
  };
  aside.say({ type: "clock", segment, samples: [switched(10, false), switched(held.fromMs, true), switched(held.toMs, false)] });
  cleo.sendChunk(aside, sound, 0, 0, startMs + durationMs);
  aside.say({ type: "finish", segment, bytes: sound.length, sha256: createHash("sha256").update(sound).digest("hex") });
  await aside.hears("sealed");
  aside.say({ type: "end", segments: [segment] });
  await aside.hears("ended");
  await api.stop(recording.id);
  const described = await api.settles(recording.id);
  expect(described.tracks.map(({ participant }) => participant.name)).toEqual(["Asha"]);

  const toldTo = async (key: string, me?: Sender["me"]) => {
    const headers: Record<string, string> = me ? { "doubletake-participant": `${me.id}.${me.secret}` } : {};
    const answer = await api.as(key).ask("GET", `/recordings/${recording.id}/whispers`, undefined, headers);
    return WhisperList.parse(await answer.json()).items;
  };
  const [whisper, ...more] = await toldTo(room.hostKey);
  expect(more).toEqual([]);
  expect(whisper).toMatchObject({ id: track, from: { name: "Cleo" }, to: { name: "Asha" }, complete: true });
  for (const [of, ms] of Object.entries(held) as [keyof typeof held, number][])
    expect(Math.abs(whisper!.moments[0]![of] - ms)).toBeLessThan(200);
  expect(await toldTo(room.guestKey, asha.me)).toEqual([whisper]);
  expect(await toldTo(room.observerKey, cleo.me)).toEqual([whisper]);
  for (const key of [room.guestKey, room.observerKey]) expect(await toldTo(key)).toEqual([]);

  // Its sound is as long as the film, and the film's has none of it.
  const file = join(server.place.path, "whisper.flac");
  const { sound: heard } = await readFilm(await api.download(`/whispers/${track}/audio.flac`, file), "whole");
  expect(Math.abs((heard!.samples.length / heard!.sampleRate) * 1000 - described.durationMs)).toBeLessThan(100);
  expect(Math.max(...loudness(heard!, toneHz(3)))).toBeGreaterThan(0.05);
  const film = await stage.film(recording.id);
  expect(Math.max(...loudness(film.sound!, toneHz(1)))).toBeGreaterThan(0.05);
  expect(Math.max(...loudness(film.sound!, toneHz(3)))).toBeLessThan(0.02);
  for (const path of [`/tracks/${track}/media`, `/tracks/${track}/audio.flac`, `/segments/${segment}/media`]) {
    expect((await api.ask("GET", path)).status, path).toBe(404);
    expect((await api.as(room.guestKey).ask("GET", path)).status, path).toBe(403);
  }
  // The zip of the host has it, by the plain address that the host is given; nobody else's.
  const zipOf = async (key: string) => {
    const { bundleUrl } = await api.as(key).recording(recording.id);
    return Buffer.from(await (await fetch(bundleUrl ?? "")).arrayBuffer());
  };
  expect((await zipOf(room.hostKey)).includes("whispers/1-cleo-to-asha/1.webm")).toBe(true);
  expect((await zipOf(room.guestKey)).includes("whispers/")).toBe(false);
});
