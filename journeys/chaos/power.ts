// `npm run chaos -- --power 45`: a participant without a network records for this many seconds, then the power goes out at their desk.
// Promise: answers what their disk still had, and how much older that was than what the browser had recorded.
import { join } from "node:path";
import { Api } from "../rig/api.ts";
import { reaches } from "../rig/arrival.ts";
import { TestBrowser } from "../rig/browser.ts";
import { Network } from "../rig/network.ts";
import { poll } from "../rig/poll.ts";
import { adminKey, TestServer } from "../rig/server.ts";
import { Volume } from "../rig/volume.ts";

export interface PowerCut {
  seconds: number;
  recordedBytes: number;
  keptBytes: number;
  /** From the oldest chunk that is gone until the cut. */
  lostMs: number;
}

export async function power(seconds: number): Promise<PowerCut> {
  const volume = await Volume.open();
  const server = await TestServer.open();
  const network = await Network.open(server.port);
  const browsers: TestBrowser[] = [];
  const person = async () => {
    const browser = await TestBrowser.open("chromium", { profile: { path: join(volume.path, "profile"), close: () => undefined } });
    browsers.push(browser);
    return { browser, person: await browser.person(1, { width: 320, height: 180, storage: "profile" }) };
  };
  try {
    const room = await new Api(network.url, adminKey).createRoom("Power");
    const before = await person();
    await before.person.join(room.hostUrl, { name: "Asha" });
    await before.person.click("button", "Record");
    const { id } = await server.api.recordingOf(room.id);
    await reaches(server.api, id, 1000);
    network.cut();
    const cutAt = performance.now() + seconds * 1000;
    const grown: { bytes: number; atMs: number }[] = [];
    await poll(
      async () => {
        const bytes = (await before.person.written())[0]?.bytes ?? 0;
        if (bytes !== grown.at(-1)?.bytes) grown.push({ bytes, atMs: performance.now() });
        return performance.now() > cutAt;
      },
      { what: "time without a network", limitMs: seconds * 1000 + 60_000, everyMs: 200 },
    );
    await volume.cutPower();
    const outMs = performance.now();
    await before.browser.kill();
    await poll(() => volume.unmount().then(() => true), { what: "nobody uses the dead disk" });
    await volume.mount();
    network.mend();

    const safeBytes = async () => (await server.api.recording(id)).tracks[0]?.bytes ?? 0;
    const after = await person();
    await after.person.page.goto(room.hostUrl);
    // Where nothing was left there is nothing to wait for.
    await after.person.reads("What this device still held of this room is safe", 60_000).catch(() => null);
    const keptBytes = await safeBytes();
    const gone = grown.find(({ bytes }) => bytes > keptBytes);
    return { seconds, recordedBytes: grown.at(-1)?.bytes ?? 0, keptBytes, lostMs: gone ? Math.round(outMs - gone.atMs) : 0 };
  } finally {
    for (const browser of browsers) await browser.close();
    await network.close();
    await server.close();
    await volume.close();
  }
}
