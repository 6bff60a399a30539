// Two connections that send one segment at once, by socket and by HTTP: the newer wins, the older one hears why, and the bytes of both are one upload.
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { patchType, tusVersion } from "../../protocol/tus.ts";
import { ModelDisk } from "../store/files.fixture.ts";
import { Door } from "./door.fixture.ts";
import { Device, noise, Rig } from "./rig.fixture.ts";
import { tusApp } from "./tus.fixture.ts";

const source = noise(6000, 7);

async function start() {
  const rig = await Rig.open();
  const disk = await ModelDisk.with(rig.root);
  const door = await Door.open(rig, disk);
  const { segment } = new Device(rig, source, 1);
  const app = tusApp(rig, door);
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  /** A PATCH that has announced all the rest and is still to bring it. */
  const patch = (offset: number) => {
    const headers = {
      authorization: `Bearer ${door.keys.track(rig.track.id)}`,
      "tus-resumable": tusVersion,
      "content-type": patchType,
      "upload-offset": String(offset),
      "content-length": String(source.length - offset),
    };
    const asked = request({ port, host: "127.0.0.1", method: "PATCH", path: `/uploads/${rig.track.id}/${segment}`, headers });
    asked.flushHeaders();
    const answered = once(asked, "response").then(([response]) => answerOf(response as IncomingMessage));
    return { asked, answered };
  };
  const close = async () => {
    await app.close();
    await door.close();
  };
  return { rig, disk, door, segment, patch, close };
}

async function answerOf(response: IncomingMessage): Promise<{ status: number | undefined; code: string | undefined }> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return { status: response.statusCode, code: text === "" ? undefined : (JSON.parse(text) as { code: string }).code };
}

/** The server has begun to read this request's body. */
const begun = (asked: ClientRequest, from: number, to: number) =>
  new Promise<void>((resolve) => void asked.write(source.subarray(from, to), () => resolve()));

test("a socket takes over from a PATCH: the PATCH is answered 409 replaced, and the socket completes the segment", async () => {
  const { rig, disk, door, segment, patch, close } = await start();
  const first = await door.client(rig.track);
  await first.open(segment);
  first.chunk(source, 0, 1000);
  await first.until(() => first.acked === 1000);
  const older = patch(1000);
  await begun(older.asked, 1000, 2000);
  // The PATCH takes over from the first socket before the second one takes over from the PATCH.
  expect(await first.closes()).toBe(4409);
  expect(first.heard.find(({ type }) => type === "refused")).toMatchObject({ code: "replaced" });
  const newer = await door.client(rig.track);
  expect(await older.answered).toEqual({ status: 409, code: "replaced" });
  expect(await newer.complete(segment, source, 1000)).toBe(1000);
  expect(disk.bytes(rig.path(segment))?.equals(source)).toBe(true);
  await close();
});

test("a PATCH takes over from a PATCH: the older is answered 409 replaced, the newer adds from the same offset", async () => {
  const { rig, disk, door, segment, patch, close } = await start();
  const first = await door.client(rig.track);
  await first.open(segment);
  const older = patch(0);
  await begun(older.asked, 0, 3000);
  expect(await first.closes()).toBe(4409);
  const newer = patch(0);
  expect(await older.answered).toEqual({ status: 409, code: "replaced" });
  newer.asked.end(source);
  expect((await newer.answered).status).toBe(204);
  expect(disk.bytes(rig.path(segment))?.equals(source)).toBe(true);
  const back = await door.client(rig.track);
  expect(await back.complete(segment, source, 1000)).toBe(source.length);
  await close();
});
