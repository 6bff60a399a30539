// What lies between people and the server misbehaves: a proxy that knows no WebSocket, one that forgets idle connections, a line that goes dead.
import { expect, test } from "vitest";
import { Api } from "./rig/api.ts";
import { Network } from "./rig/network.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { adminKey } from "./rig/server.ts";
import { Stage } from "./rig/stage.ts";

/** Asha records alone, through the network; `shape` is done to it before she comes. */
async function recordThrough(shape: (network: Network) => void) {
  const stage = await Stage.open();
  const network = await Network.open(stage.server.port);
  shape(network);
  const room = await new Api(network.url, adminKey).createRoom("Network");
  const asha = await stage.person(await stage.browser("chromium"), 1, { width: 320, height: 180 });
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  return { stage, network, asha, id };
}

/** Stops, and compares what is on the server with what the browser wrote. */
async function ends(stage: Stage, asha: Person, id: string): Promise<void> {
  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  const recording = await stage.api.settles(id);
  expect(recording.state).toBe("ready");
  const written = (await asha.written()).map(({ bytes, sha256 }) => ({ bytes, sha256 }));
  expect(recording.tracks.flatMap(({ segments }) => segments.map(({ bytes, sha256 }) => ({ bytes, sha256 })))).toEqual(written);
}

const upload = /\/ws\/upload/;

test("behind a proxy that blocks the upload's WebSocket the recording arrives by plain HTTP", async () => {
  const { stage, network, asha, id } = await recordThrough((blocking) => {
    blocking.blocked = upload;
  });
  try {
    await stage.filmed(id, 6400);
    await ends(stage, asha, id);
    expect(network.count(upload)).toBe(0);
    expect(stage.server.log).toContain('"by":"http"');
  } finally {
    await network.close();
  }
});

test("a proxy that drops sockets and a line that swallows everything cost no byte, and are noticed within ten seconds", async () => {
  const { stage, network, asha, id } = await recordThrough(() => undefined);
  try {
    const bytesOf = async () => (await stage.api.recording(id)).tracks[0]?.bytes ?? 0;
    await stage.filmed(id, 3200);
    network.drop(upload);
    const dropped = await bytesOf();
    await poll(async () => (await bytesOf()) > dropped, { what: "the upload goes on after the drop" });

    const before = network.count(upload);
    network.blackHole(upload);
    const deadAt = performance.now();
    await poll(() => network.count(upload) > before, { what: "a new upload socket", everyMs: 50 });
    expect(performance.now() - deadAt).toBeLessThan(10_500);
    const swallowed = await bytesOf();
    await poll(async () => (await bytesOf()) > swallowed, { what: "the upload goes on beside the dead line" });
    await ends(stage, asha, id);
  } finally {
    await network.close();
  }
});
