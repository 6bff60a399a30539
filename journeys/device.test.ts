// What goes wrong at the device: a recorder, a camera, the storage, the tab, the whole browser. The same person stays the same track, and what
// was recorded arrives.
import { expect, onTestFinished, test } from "vitest";
import { between, sharesOf } from "./rig/measure.ts";
import type { Person } from "./rig/person.ts";
import { place } from "./rig/place.ts";
import { poll } from "./rig/poll.ts";
import { Stage } from "./rig/stage.ts";

const small = { width: 320, height: 180 };

/** Puts the page's recorders where a test can reach them: `recorders`, oldest first. */
const reachRecorders = `{
  const Native = MediaRecorder;
  globalThis.recorders = [];
  globalThis.MediaRecorder = class extends Native {
    constructor(stream, options) {
      super(stream, options);
      recorders.push(this);
    }
  };
}`;

/** Firefox lets no page dispatch an event on a track: who listens for its end is noted, to be called. */
const reachEnds = `{
  const native = MediaStreamTrack.prototype.addEventListener;
  globalThis.ends = [];
  MediaStreamTrack.prototype.addEventListener = function (type, listener, ...more) {
    if (type === "ended") ends.push({ track: this, listener });
    return native.call(this, type, listener, ...more);
  };
}`;

/** The camera on the own tile is pulled out, and there is no other until `plug`. */
const unplug = `{
  const native = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = async function (constraints) {
    if (constraints.video) throw new DOMException("no camera", "NotFoundError");
    return await native.call(this, constraints);
  };
  globalThis.plug = () => {
    MediaDevices.prototype.getUserMedia = native;
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  };
  for (const track of document.querySelector("video").srcObject.getVideoTracks()) {
    track.stop();
    for (const end of ends) if (end.track === track) end.listener(new Event("ended"));
  }
}`;

/** Waits until the camera's track has this many segments on the server. */
async function segments(stage: Stage, recording: string, count: number) {
  return await poll(
    async () => {
      const [track] = (await stage.api.recording(recording)).tracks;
      return track && track.segments.length >= count && track;
    },
    { what: `${count} segments`, limitMs: 40_000 },
  );
}

async function endsSafe(stage: Stage, person: Person, recording: string) {
  await person.click("button", "Stop recording");
  await person.readsSafe(60_000);
  return await stage.api.settles(recording);
}

test("a recorder that falls silent, and one that breaks, are followed by the next segment of the same track", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Watchdog");
  const asha = await stage.person(await stage.browser("chromium"), 1, small);
  await asha.page.evaluateOnNewDocument(reachRecorders);
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  // Paused behind our back it says nothing any more, and nobody is told.
  await asha.page.evaluate("recorders.at(-1).pause()");
  await segments(stage, id, 2);
  // Recorded streams must not change: the specification ends such a recorder with an error.
  await asha.page.evaluate("recorders.at(-1).stream.addTrack(recorders.at(-1).stream.getVideoTracks()[0].clone())");
  await segments(stage, id, 3);
  await stage.filmed(id, (await stage.api.recording(id)).composition.watermarkMs + 3200);
  const recording = await endsSafe(stage, asha, id);
  expect(recording.tracks.map(({ state, segments }) => [state, segments.length])).toEqual([["safe", 3]]);
  expect(recording.tracks[0]?.gaps.map(({ reason }) => reason)).toContain("device");
  const film = await stage.film(id);
  expect(sharesOf(between(film, 1000, 2000), 0)[0]?.[1]).toBeGreaterThan(0.95);
  expect(Object.keys(sharesOf(between(film, recording.durationMs - 1500, recording.durationMs - 300), 0)[0] ?? {})).toEqual(["1"]);
});

test.each(["chromium", "firefox"] as const)(
  "%s: a camera that is unplugged leaves the sound, and is taken up again when it is back",
  async (kind) => {
    const stage = await Stage.open();
    const room = await stage.api.createRoom("Unplugged");
    const asha = await stage.person(await stage.browser(kind), 1, small);
    await asha.page.evaluateOnNewDocument(reachEnds);
    await asha.join(room.hostUrl, { name: "Asha" });
    await asha.click("button", "Record");
    const { id } = await stage.api.recordingOf(room.id);
    await stage.filmed(id, 3200);
    await asha.page.evaluate(unplug);
    await asha.reads("Your camera is gone. The sound goes on.");
    await segments(stage, id, 2);
    await stage.filmed(id, (await stage.api.recording(id)).composition.watermarkMs + 3200);
    await asha.page.evaluate("plug()");
    const { gaps } = await segments(stage, id, 3);
    // A starved Firefox loses time inside a segment, too.
    expect(gaps.every(({ reason }) => reason === "device" || reason === "slip")).toBe(true);
    expect(await asha.page.evaluate("document.body.innerText")).not.toContain("Your camera is gone");
    await stage.filmed(id, (await stage.api.recording(id)).composition.watermarkMs + 3200);
    const recording = await endsSafe(stage, asha, id);
    expect(recording.tracks.map(({ state, segments }) => [state, segments.length])).toEqual([["safe", 3]]);
    expect(recording.tracks[0]?.segments.every(({ bytes }) => bytes > 0)).toBe(true);
  },
);

test("a browser killed in mid-recording: its rest is sent when the link is opened again, and who joins again is the same face", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Killed");
  const profile = place("profile");
  onTestFinished(() => profile.close());
  const first = await stage.browser("chromium", { profile });
  const asha = await stage.person(first, 1, { ...small, storage: "profile" });
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  // From here on only the device has what is recorded.
  await stage.server.stop("SIGKILL");
  const before = (await asha.written())[0]?.bytes ?? 0;
  await poll(async () => ((await asha.written())[0]?.bytes ?? 0) > before + 100_000, { what: "more is recorded" });
  const onDevice = (await asha.written())[0]?.bytes ?? 0;
  await first.kill();
  await stage.server.start();
  const again = await stage.person(await stage.browser("chromium", { profile }), 1, { ...small, storage: "profile" });
  await again.page.goto(room.hostUrl);
  await again.reads("What this device still held of this room is safe on the server.");
  await again.join(room.hostUrl, { name: "Asha" });
  await segments(stage, id, 2);
  await stage.filmed(id, (await stage.api.recording(id)).composition.watermarkMs + 3200);
  const recording = await endsSafe(stage, again, id);
  expect(recording.tracks.map(({ state, segments }) => [state, segments.length])).toEqual([["safe", 2]]);
  const [track] = recording.tracks;
  expect(track?.segments[0]?.bytes).toBeGreaterThanOrEqual(onDevice);
  expect(track?.gaps.map(({ reason }) => reason)).toEqual(["rejoined"]);
});

test("a device without room keeps recording: the rest is sent from memory, and the person is told", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Full device");
  const asha = await stage.person(await stage.browser("chromium"), 1);
  const cdp = await asha.page.createCDPSession();
  await cdp.send("Storage.overrideQuotaForOrigin", { origin: stage.server.url, quotaSize: 1_000_000 });
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await asha.reads("cannot keep the recording on this device", 60_000);
  await stage.filmed(id, (await stage.api.recording(id)).composition.watermarkMs + 6400);
  const recording = await endsSafe(stage, asha, id);
  const written = (await asha.written()).map(({ bytes, sha256 }) => ({ bytes, sha256 }));
  expect(written[0]?.bytes).toBeGreaterThan(1_000_000);
  expect(recording.tracks[0]?.segments.map(({ bytes, sha256 }) => ({ bytes, sha256 }))).toEqual(written);
});

test("a private window that keeps nothing says so before the call", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Private");
  const browser = await stage.browser("firefox", { preferences: { "browser.privatebrowsing.autostart": true } });
  const asha = await stage.person(browser, 1, { ...small, storage: "profile" });
  await asha.page.goto(room.hostUrl);
  await asha.reads("This window cannot keep a recording on this device");
});
