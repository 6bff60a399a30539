// Uploading by plain HTTP with a stock tus client, over a line that breaks and a server that dies; what the door refuses.
import { createHash } from "node:crypto";
import { Upload, type UploadOptions } from "tus-js-client";
import { typeid } from "typeid-js";
import { expect, test } from "vitest";
import type { SegmentFacts } from "../protocol/recording.ts";
import { makeFootage } from "./rig/footage.ts";
import { Network } from "./rig/network.ts";
import { poll } from "./rig/poll.ts";
import { Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A room that records, and the right to upload into one track of it. */
async function recordOne() {
  const stage = await Stage.open({ DOUBLETAKE_GRACE_MS: "60000" });
  const room = await stage.api.createRoom("Tus");
  const asha = await Sender.join(stage.server.url, room, room.hostKey, "Asha");
  asha.call.say({ type: "record" });
  const { recording } = await asha.call.hears("recording");
  asha.call.say({ type: "track", recording: recording.id, source: "camera" });
  const { track, token } = await asha.call.hears("track");
  return { stage, recording: recording.id, track, token, startMs: performance.timeOrigin + performance.now() };
}

const factsOf = (startMs: number): SegmentFacts => ({
  browser: "firefox",
  version: 0,
  mimeType: "video/webm;codecs=vp8,opus",
  startCallMs: startMs,
  startEventMs: startMs,
});

function upload(bytes: Uint8Array, options: UploadOptions): { done: Promise<void>; upload: Upload } {
  let upload: Upload | null = null;
  const done = new Promise<void>((onSuccess, onError) => {
    upload = new Upload(Buffer.from(bytes), {
      retryDelays: Array.from({ length: 40 }, () => 250),
      ...options,
      onSuccess: () => onSuccess(),
      onError,
    });
    upload.start();
  });
  if (!upload) throw new Error("no upload");
  return { done, upload };
}

test("a stock tus client uploads a segment over a broken line and a killed server, and it is sealed under its hash", async () => {
  const { stage, recording, track, token, startMs } = await recordOne();
  const network = await Network.open(stage.server.port);
  try {
    network.upBytesPerSecond = 200_000;
    const footage = await makeFootage({ participant: 1, durationMs: 6000, trueMs: startMs });
    const segment = typeid("seg").toString();
    const file = () => stage.server.api.as(token);
    const { done } = upload(footage, {
      endpoint: `${network.url}/api/v1/uploads`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { track, segment, facts: JSON.stringify(factsOf(startMs)), sha256: hashOf(footage) },
      chunkSize: 100_000,
    });
    const offset = async () => {
      const head = await file().ask("HEAD", `/uploads/${track}/${segment}`, undefined, { "tus-resumable": "1.0.0" });
      return Number(head.headers.get("upload-offset"));
    };
    await poll(async () => (await offset()) >= 100_000, { what: "the first 100 kB are there" });
    network.drop();
    const before = await offset();
    await poll(async () => (await offset()) > before, { what: "the upload went on after the line broke" });
    await stage.server.stop("SIGKILL");
    await stage.server.start();
    network.upBytesPerSecond = Number.POSITIVE_INFINITY;
    await done;

    const end = await file().ask("POST", `/uploads/${track}`, { type: "end", segments: [segment] });
    expect(await end.json()).toEqual({ type: "ended" });
    await stage.api.stop(recording);
    const settled = await stage.api.settles(recording);
    expect(settled.tracks[0]?.segments.map(({ bytes, sha256 }) => ({ bytes, sha256 }))).toEqual([
      { bytes: footage.length, sha256: hashOf(footage) },
    ]);
    expect(hashOf(await stage.api.bytes(`/segments/${segment}/media`))).toBe(hashOf(footage));
  } finally {
    await network.close();
  }
});

test.each(["sha1", "sha256"])(
  "a stock tus client whose pieces carry their %s loses the one that was damaged on the way, and nothing else",
  async (algorithm) => {
    const { stage, track, token, startMs } = await recordOne();
    const footage = await makeFootage({ participant: 1, durationMs: 1000, trueMs: startMs });
    const segment = typeid("seg").toString();
    const chunkSize = Math.ceil(footage.length / 4);
    let [requests, damaged] = [0, 0];
    const statuses: number[] = [];
    const { done } = upload(footage, {
      endpoint: `${stage.server.url}/api/v1/uploads`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { track, segment, facts: JSON.stringify(factsOf(startMs)), sha256: hashOf(footage) },
      chunkSize,
      onBeforeRequest: (request) => {
        if (request.getMethod() !== "PATCH") return;
        const offset = Number(request.getHeader("Upload-Offset"));
        const hash = createHash(algorithm).update(footage.subarray(offset, offset + chunkSize));
        // As if the second piece had been changed on its way.
        if (++requests === 2) hash.update("damage");
        request.setHeader("Upload-Checksum", `${algorithm} ${hash.digest("base64")}`);
      },
      onAfterResponse: (_, response) => void statuses.push(response.getStatus()),
      onShouldRetry: () => ++damaged < 5,
    });
    await done;
    expect(statuses.filter((status) => status === 460)).toHaveLength(1);
    const head = await stage.api.as(token).ask("HEAD", `/uploads/${track}/${segment}`, undefined, { "tus-resumable": "1.0.0" });
    expect([head.headers.get("upload-offset"), head.headers.get("upload-length")]).toEqual([
      String(footage.length),
      String(footage.length),
    ]);
  },
);

test("the HTTP door refuses with the status that the socket has as its code, and keeps what it holds", async () => {
  const { stage, track, token, startMs } = await recordOne();
  const footage = await makeFootage({ participant: 1, durationMs: 1000, trueMs: startMs });
  const segment = typeid("seg").toString();
  const metadata = (more: Record<string, string>) =>
    Object.entries({ track, segment, facts: JSON.stringify(factsOf(startMs)), ...more })
      .map(([name, value]) => `${name} ${Buffer.from(value).toString("base64")}`)
      .join(",");
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: Uint8Array, key = token) => {
    const answer = await fetch(`${stage.server.url}/api/v1/uploads${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "tus-resumable": "1.0.0", ...headers },
      body: body && Buffer.from(body),
    });
    return { status: answer.status, offset: answer.headers.get("upload-offset"), headers: answer.headers };
  };
  const patch = (offset: number, body: Uint8Array, type = "application/offset+octet-stream") =>
    ask("PATCH", `/${track}/${segment}`, { "upload-offset": String(offset), "content-type": type }, body);

  const options = await ask("OPTIONS", "", {});
  expect([options.status, options.headers.get("tus-version"), options.headers.get("tus-extension")]).toEqual([
    204,
    "1.0.0",
    "creation,creation-defer-length,checksum",
  ]);
  expect(options.headers.get("tus-checksum-algorithm")).toBe("sha1,sha256");
  expect((await ask("POST", "", { "upload-metadata": metadata({}) }, undefined, "wrong")).status).toBe(403);
  expect((await ask("POST", "", { "upload-metadata": metadata({}), "tus-resumable": "0.2.2" })).status).toBe(412);
  expect((await ask("POST", "", { "upload-metadata": metadata({ version: "9" }) })).status).toBe(426);
  expect((await ask("POST", "", { "upload-metadata": metadata({ facts: "no JSON" }) })).status).toBe(400);
  expect((await ask("HEAD", `/${track}/${segment}`, {})).status).toBe(404);
  expect(await ask("POST", "", { "upload-metadata": metadata({}), "upload-defer-length": "1" })).toMatchObject({
    status: 201,
    offset: "0",
  });
  const half = footage.length >> 1;
  expect(await patch(0, footage.subarray(0, half))).toMatchObject({ status: 204, offset: String(half) });
  expect((await patch(0, footage.subarray(0, half))).status).toBe(409);
  expect((await patch(half + 1, footage.subarray(half + 1))).status).toBe(409);
  expect((await patch(half, footage.subarray(half), "text/plain")).status).toBe(415);
  const summed = (checksum: string) =>
    ask(
      "PATCH",
      `/${track}/${segment}`,
      { "upload-offset": String(half), "content-type": "application/offset+octet-stream", "upload-checksum": checksum },
      footage.subarray(half),
    );
  expect((await summed("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=")).status).toBe(460);
  expect((await summed("md5 Kq5sNclPz7QV2+lfQIuc6Q==")).status).toBe(400);
  expect(await ask("HEAD", `/${track}/${segment}`, {})).toMatchObject({ status: 200, offset: String(half) });
  expect(await patch(half, footage.subarray(half))).toMatchObject({ status: 204, offset: String(footage.length) });
  const api = stage.api.as(token);
  const finish = (sha256: string) => api.ask("POST", `/uploads/${track}`, { type: "finish", segment, bytes: footage.length, sha256 });
  expect((await finish(hashOf(footage))).status).toBe(200);
  expect((await finish(hashOf(footage))).status).toBe(200);
  expect((await patch(footage.length, new Uint8Array(10))).status).toBe(409);
  expect((await api.ask("POST", `/uploads/${track}`, { type: "hello" })).status).toBe(400);
  expect(stage.server.log).not.toContain("request failed");
});
