// What an upload socket refuses, and that nobody else notices.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { uploadVersion } from "../protocol/upload.ts";
import { makeFootage } from "./rig/footage.ts";
import { openUpload, Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

const text = (words: string) => new TextEncoder().encode(words);

/** A host who records and a guest, both without a browser. */
async function recordTwo(settings: Record<string, string> = { DOUBLETAKE_GRACE_MS: "1500" }) {
  const stage = await Stage.open(settings);
  const room = await stage.api.createRoom("Uploads");
  const asha = await Sender.join(stage.server.url, room, room.hostKey, "Asha");
  const mallory = await Sender.join(stage.server.url, room, room.guestKey, "Mallory");
  asha.call.say({ type: "record" });
  const { recording } = await asha.call.hears("recording");
  await mallory.call.hears("recording");
  return { stage, room, asha, mallory, recording: recording.id };
}

test.each([
  ["text", "Dear diary, today I uploaded something that is no film."],
  ["a disguised playlist", "ffconcat version 1.0\nfile ../../secret.webm\n"],
  ["an HLS playlist", "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nhttp://127.0.0.1/secret\n"],
  ["an archive", "PK\u0003\u0004 and then some more bytes that are no film"],
  ["an SVG", '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'],
])("%s is refused at its first chunk with 4415 and what was found, and the other track goes on", async (_, content) => {
  const { stage, asha, mallory, recording } = await recordTwo();
  const startMs = performance.timeOrigin + performance.now();
  const bad = await mallory.openTrack(recording);
  mallory.openSegment(bad.line, startMs);
  await bad.line.hears("offset");
  mallory.sendChunk(bad.line, text(content), 0, 0);
  const refused = await bad.line.hears("refused");
  expect(refused.code).toBe("not-media");
  expect(refused.message.length).toBeGreaterThan(20);
  expect((await bad.line.closes()).code).toBe(4415);

  const good = await asha.openTrack(recording);
  const footage = await makeFootage({ participant: 1, durationMs: 3000, trueMs: startMs });
  const { segment, sha256 } = await asha.sendSegment(good.line, footage, startMs);
  good.line.say({ type: "end", segments: [segment] });
  await good.line.hears("ended");
  mallory.leave();
  await stage.api.stop(recording);
  const done = await stage.api.settles(recording, ["partial", "ready"]);
  expect(done.tracks.find(({ participant }) => participant.name === "Asha")?.segments[0]?.sha256).toBe(sha256);
  expect(done.problems.join(" ")).toContain("Mallory");
  expect(
    createHash("sha256")
      .update(await stage.api.bytes(`/segments/${segment}/media`))
      .digest("hex"),
  ).toBe(sha256);
});

test("a socket that says something else than hello, or hello with a wrong token, is closed with a code", async () => {
  const { stage, mallory, recording } = await recordTwo();
  mallory.call.say({ type: "track", recording, source: "camera" });
  const { track, token } = await mallory.call.hears("track");
  const cases: [string | Uint8Array, number][] = [
    ["not JSON", 4400],
    [JSON.stringify({ type: "nonsense" }), 4400],
    [JSON.stringify({ type: "end", segments: [] }), 4400],
    [new Uint8Array(40), 4400],
    [JSON.stringify({ type: "hello", version: uploadVersion, track, token: "wrong" }), 4403],
    [JSON.stringify({ type: "hello", version: uploadVersion + 1, track, token }), 4426],
  ];
  for (const [message, code] of cases) {
    const line = await openUpload(stage.server.url);
    line.sendRaw(message);
    expect((await line.closes()).code, String(message)).toBe(code);
  }
});

test("a chunk beyond the offset is refused, and what was acked before it stays", async () => {
  const { stage, asha, recording } = await recordTwo();
  const startMs = performance.timeOrigin + performance.now();
  const footage = await makeFootage({ participant: 1, durationMs: 2000, trueMs: startMs });
  const half = footage.length >> 1;
  const first = await asha.openTrack(recording);
  const segment = asha.openSegment(first.line, startMs);
  expect((await first.line.hears("offset")).offset).toBe(0);
  asha.sendChunk(first.line, footage.subarray(0, half), 0, 0);
  expect((await first.line.hears("ack")).offset).toBe(half);
  asha.sendChunk(first.line, footage.subarray(half + 10), half + 10, 1);
  expect((await first.line.closes()).code).toBe(4409);

  const second = await asha.openTrack(recording);
  second.line.say({
    type: "open",
    segment: segment as `seg_${string}`,
    handle: 1,
    facts: { browser: "firefox", version: 0, mimeType: "video/webm;codecs=vp8,opus", startCallMs: startMs, startEventMs: startMs },
  });
  expect((await second.line.hears("offset")).offset).toBe(half);
  asha.sendChunk(second.line, footage.subarray(half), half, 1);
  expect((await second.line.hears("ack")).offset).toBe(footage.length);
  const sha256 = createHash("sha256").update(footage).digest("hex");
  second.line.say({ type: "finish", segment, bytes: footage.length, sha256 });
  expect((await second.line.hears("sealed")).sha256).toBe(sha256);
  expect(stage.server.log).not.toContain("server error");
});
