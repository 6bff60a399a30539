// The disk fills up in mid-recording: nothing more is acked, the page says that it keeps everything, and it goes on when there is room again.
import { spawnSync } from "node:child_process";
import { rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { place } from "./rig/place.ts";
import { poll } from "./rig/poll.ts";
import { Stage } from "./rig/stage.ts";

/** What the disk has less than its reserve while it is "full", and more than it before and after: other programs write meanwhile. */
const marginMb = 700;

test("a full disk stops the acks and not the recording, and it goes on by itself when there is room", async () => {
  const ballast = place("ballast");
  try {
    const { bavail, bsize } = statfsSync(ballast.path);
    const reserveMb = Math.floor((bavail * bsize) / 1e6) - marginMb;
    const stage = await Stage.open({ DOUBLETAKE_DISK_RESERVE_MB: String(reserveMb) });
    const room = await stage.api.createRoom("Full");
    const asha = await stage.person(await stage.browser("chromium"), 1, { width: 640, height: 360 });
    await asha.join(room.hostUrl, { name: "Asha" });
    await asha.click("button", "Record");
    const { id } = await stage.api.recordingOf(room.id);
    await stage.filmed(id, 3200);

    const file = join(ballast.path, "ballast");
    const filled = spawnSync("fallocate", ["--length", `${marginMb * 2}MB`, file]);
    expect(filled.status, filled.stderr?.toString()).toBe(0);
    await asha.reads(/kept safe on this device/i);
    expect((await fetch(`${stage.server.url}/readyz`)).status).toBe(503);
    const bytesOf = async () => (await stage.api.recording(id)).tracks[0]?.bytes ?? 0;
    const stuck = await bytesOf();
    // The recorder writes on, into the outbox.
    const written = async () => (await asha.written()).reduce((sum, { bytes }) => sum + bytes, 0);
    await poll(async () => (await written()) > stuck + 300_000, { what: "the browser records on", limitMs: 60_000 });
    expect(await bytesOf()).toBe(stuck);

    rmSync(file);
    await poll(async () => (await bytesOf()) > stuck, { what: "the upload goes on", limitMs: 60_000 });
    await asha.click("button", "Stop recording");
    await asha.readsSafe();
    const recording = await stage.api.settles(id);
    expect(recording.state).toBe("ready");
    const [first] = await asha.written();
    expect(recording.tracks.flatMap(({ segments }) => segments.map(({ bytes, sha256 }) => ({ bytes, sha256 })))).toEqual([
      { bytes: first?.bytes, sha256: first?.sha256 },
    ]);
  } finally {
    ballast.close();
  }
});
