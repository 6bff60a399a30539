import { expect, test } from "vitest";
import type { Track } from "../../protocol/api.ts";
import type { CallDown } from "../../protocol/call.ts";
import { itemOf, Safety } from "./safety.ts";

const id = (prefix: string) => `${prefix}_${"0".repeat(26)}`;
const track: Track = {
  id: id("trk"),
  participant: { id: id("par"), name: "Asha" },
  source: "camera",
  state: "recording",
  bytes: 1000,
  durationMs: 9000,
  clock: { offsetMs: 0, driftPpm: 0, uncertaintyMs: 0 },
  gaps: [{ fromMs: 4000, toMs: 6000, reason: "rejoined" }],
  segments: [],
  mediaUrl: "",
  pictureUrl: "",
  rawUrl: "",
  flacUrl: "",
  wavUrl: "",
  peaksUrl: "",
};
const kept = { type: "kept" as const, recording: id("rec"), source: "camera" as const, bytes: 1500, durationMs: 5000 };

test("what is safe is the media that is here, without the gap between", () => {
  expect(itemOf(track, undefined)).toMatchObject({ safeMs: 7000, recordedMs: 7000, bytes: 1000, safeBytes: 1000 });
});

test("while it is under way, the browser says how much there is; once it is safe, what is here is all", () => {
  const told = { bytes: 1500, durationMs: 5000, beforeMs: 4000 };
  expect(itemOf(track, told)).toMatchObject({ recordedMs: 9000, bytes: 1500, safeBytes: 1000 });
  expect(itemOf({ ...track, state: "safe" }, told)).toMatchObject({ recordedMs: 7000, bytes: 1000, safeBytes: 1000 });
});

async function room(states: Track["state"][]) {
  const sent: (CallDown & { type: "safety" })[] = [];
  let asked = 0;
  const tracks = async () => [{ ...track, state: states[Math.min(asked++, states.length - 1)] ?? "safe" }];
  const safety = new Safety({ tracks, send: (_, message) => sent.push(message) });
  safety.watch("room", id("rec"));
  await safety.tick();
  return { safety, sent, asked: () => asked };
}

test("the room hears when something changed, and nothing twice", async () => {
  const { safety, sent } = await room(["recording"]);
  await safety.tick();
  expect(sent).toHaveLength(1);
  safety.kept("room", { id: id("par"), instance: "page" }, kept);
  await safety.tick();
  await safety.tick();
  expect(sent.map(({ items }) => items[0]?.bytes)).toEqual([1000, 1500]);
});

test("what is said of whispers is not kept, however many it is said of", async () => {
  const { safety, sent, asked } = await room(["safe"]);
  for (let n = 0; n < 10; n++)
    safety.kept("room", { id: id("par"), instance: "page" }, { ...kept, source: `whisper:par_${String(n).padStart(26, "0")}` });
  await safety.tick();
  expect([asked(), sent.length]).toEqual([1, 1]);
});

test("a reloaded page counts from what was safe before it", async () => {
  const { safety, sent } = await room(["recording"]);
  safety.kept("room", { id: id("par"), instance: "page" }, { ...kept, durationMs: 7000 });
  await safety.tick();
  safety.kept("room", { id: id("par"), instance: "another" }, { ...kept, durationMs: 100 });
  await safety.tick();
  safety.kept("room", { id: id("par"), instance: "another" }, { ...kept, durationMs: 3100 });
  await safety.tick();
  expect(sent.map(({ items }) => items[0]?.recordedMs)).toEqual([7000, 7000, 10_000]);
});

test("nobody is asked about a recording that is all here, until somebody has more", async () => {
  const { safety, asked } = await room(["safe"]);
  await safety.tick();
  expect(asked()).toBe(1);
  safety.kept("room", { id: id("par"), instance: "page" }, kept);
  await safety.tick();
  expect(asked()).toBe(2);
});
