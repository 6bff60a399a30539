// Camera and microphone in the middle of a call: another one chosen, one switched on late, one plugged in, one that says nothing.
// The others see it without a gap, and the recording goes on as the next segment of the same track.
import { expect, test } from "vitest";
import { between, sharesOf } from "./rig/measure.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { Stage } from "./rig/stage.ts";

const small = { width: 320, height: 180 };

/** A second camera, which shows what the rig's shared screen shows (its number plus 8); `plug()` puts a third into the list.
 * `offers` counts the descriptions this page makes. */
const moreCameras = `{
  const { getUserMedia, getDisplayMedia, enumerateDevices } = MediaDevices.prototype;
  const named = (track, deviceId) => Object.assign(track, { getSettings: () => ({ deviceId }) });
  const list = [{ kind: "videoinput", deviceId: "first", label: "First camera" }, { kind: "videoinput", deviceId: "second", label: "Second camera" }];
  MediaDevices.prototype.enumerateDevices = async function () {
    return [...list, ...(await enumerateDevices.call(this)).filter(({ kind }) => kind !== "videoinput")];
  };
  MediaDevices.prototype.getUserMedia = async function (constraints) {
    const wanted = constraints.video?.deviceId?.exact ?? "first";
    const stream = await getUserMedia.call(this, wanted === "second" ? { ...constraints, video: false } : constraints);
    if (wanted === "second") stream.addTrack((await getDisplayMedia.call(this)).getVideoTracks()[0]);
    for (const track of stream.getVideoTracks()) named(track, wanted);
    return stream;
  };
  globalThis.plug = () => {
    list.push({ kind: "videoinput", deviceId: "third", label: "Third camera" });
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  };
  globalThis.offers = 0;
  const native = RTCPeerConnection.prototype.setLocalDescription;
  RTCPeerConnection.prototype.setLocalDescription = function (...all) {
    offers++;
    return native.apply(this, all);
  };
}`;

/** The first microphone is live and says nothing, as after a system has taken it away; whoever asks again gets one that works. */
const silentMicrophone = `{
  const { getUserMedia } = MediaDevices.prototype;
  globalThis.asked = 0;
  MediaDevices.prototype.getUserMedia = async function (constraints) {
    const stream = await getUserMedia.call(this, constraints);
    if (!constraints.audio || ++asked > 1) return stream;
    const context = new AudioContext();
    const zeros = context.createConstantSource();
    zeros.offset.value = 0;
    const out = context.createMediaStreamDestination();
    zeros.connect(out);
    zeros.start();
    return new MediaStream([...stream.getVideoTracks(), ...out.stream.getAudioTracks()]);
  };
}`;

/** What the list with this name says is chosen. */
async function chosen(person: Person, list: string): Promise<string> {
  const element = await person.sees("combobox", list);
  return await element.evaluate((select) => (select as HTMLSelectElement).selectedOptions[0]?.label ?? "");
}

/** By keyboard only: to the list, and the first letters of what is wanted. */
async function choose(person: Person, list: string, words: string): Promise<void> {
  const element = await person.sees("combobox", list);
  await element.focus();
  await person.page.keyboard.type(words);
  await poll(async () => (await chosen(person, list)) === words, { what: `${list} is ${words}` });
}

async function segments(stage: Stage, recording: string, name: string, count: number) {
  return await poll(
    async () => {
      const track = (await stage.api.recording(recording)).tracks.find(({ participant }) => participant.name === name);
      return track && track.segments.length >= count && track;
    },
    { what: `${count} segments of ${name}`, limitMs: 40_000 },
  );
}

/** Waits until this much more of the film is there. */
async function goesOn(stage: Stage, recording: string): Promise<void> {
  await stage.filmed(recording, (await stage.api.recording(recording)).composition.watermarkMs + 4800);
}

/** The red, green and blue of somebody's scenery, as another person sees it live. */
async function colourOf(person: Person, name: string): Promise<number[]> {
  const group = await person.sees("group", name);
  return await group.evaluate((element) => {
    const pen = new OffscreenCanvas(1, 1).getContext("2d") as OffscreenCanvasRenderingContext2D;
    const video = element.querySelector("video") as HTMLVideoElement;
    pen.drawImage(video, video.videoWidth * 0.05, video.videoHeight * 0.8, 4, 4, 0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  });
}

const differ = (one: number[], other: number[]) => one.some((value, index) => Math.abs(value - (other[index] ?? 0)) > 40);

test("another camera, chosen by keyboard in the call: the others see it at once, the film goes on, and it is remembered", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Two cameras");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, small);
  const ben = await stage.person(browser, 2, small);
  await asha.page.evaluateOnNewDocument(moreCameras);
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.page.goto(room.guestUrl);
  await choose(ben, "Camera", "No camera");
  await ben.fill("Your name", "Ben");
  await ben.check("I agree to be recorded");
  await ben.click("button", "Join");
  await ben.watches("Asha");
  await ben.click("button", "Turn camera on");
  await asha.watches("Ben");
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  const before = await colourOf(ben, "Asha");
  const offers = await asha.page.evaluate("offers");

  const button = await asha.sees("button", "Devices");
  await button.focus();
  await asha.page.keyboard.press("Enter");
  expect(await chosen(asha, "Camera")).toBe("First camera");
  await choose(asha, "Camera", "Second camera");
  await poll(async () => differ(await colourOf(ben, "Asha"), before), { what: "Ben sees the second camera" });
  expect(await asha.page.evaluate("offers"), "nothing was negotiated anew").toBe(offers);
  await asha.page.evaluate("plug()");
  await poll(async () => (await asha.sees("combobox", "Camera")).evaluate((list) => list.textContent?.includes("Third camera")), {
    what: "a camera that was plugged in is in the list",
  });
  await asha.page.keyboard.press("Escape");
  await asha.seesNo("combobox", "Camera");
  expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);

  const { gaps } = await segments(stage, id, "Asha", 2);
  expect(gaps.every(({ reason }) => reason === "device")).toBe(true);
  await goesOn(stage, id);
  await asha.click("button", "Stop recording");
  await asha.readsSafe(60_000);
  const recording = await stage.api.settles(id);
  expect(recording.tracks.map(({ state, segments }) => [state, segments.length]).toSorted()).toEqual([
    ["safe", 1],
    ["safe", 2],
  ]);
  const film = await stage.film(id);
  expect(sharesOf(between(film, 1000, 2500), 1).some((shares) => (shares[1] ?? 0) > 0.95)).toBe(true);
  const end = between(film, recording.durationMs - 1500, recording.durationMs - 300);
  expect(sharesOf(end, 1).some((shares) => (shares[9] ?? 0) > 0.95)).toBe(true);

  await asha.page.reload();
  await poll(async () => (await chosen(asha, "Camera")) === "Second camera", { what: "the lobby has the second camera" });
});

test("Firefox, joined with neither camera nor microphone, switches both on, and is seen and recorded", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Late devices");
  const asha = await stage.person(await stage.browser("firefox"), 1, small);
  const ben = await stage.person(await stage.browser("chromium"), 2, small);
  await ben.join(room.hostUrl, { name: "Ben" });
  await asha.page.goto(room.guestUrl);
  await choose(asha, "Camera", "No camera");
  await choose(asha, "Microphone", "No microphone");
  await asha.fill("Your name", "Asha");
  await asha.check("I agree to be recorded");
  await asha.click("button", "Join");
  await asha.watches("Ben");
  await ben.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 3200);
  await asha.click("button", "Turn camera on");
  await asha.sees("button", "Turn camera off");
  await ben.watches("Asha");
  await segments(stage, id, "Asha", 1);
  await asha.click("button", "Unmute microphone");
  await asha.sees("button", "Mute microphone");
  await segments(stage, id, "Asha", 2);
  const hears = () =>
    ben.page.evaluate(
      `[...document.querySelectorAll("video")].some((video) => !video.muted && video.srcObject?.getAudioTracks().some((track) => !track.muted))`,
    );
  await poll(hears, { what: "Ben hears Asha" });
  await goesOn(stage, id);
  await ben.click("button", "Stop recording");
  await ben.readsSafe(60_000);
  const recording = await stage.api.settles(id);
  const mine = recording.tracks.find(({ participant }) => participant.name === "Asha");
  expect(mine?.state).toBe("safe");
  expect(mine?.segments.every(({ bytes }) => bytes > 0)).toBe(true);
  // A starved Firefox loses time inside a segment, too.
  expect(mine?.gaps.every(({ reason }) => reason === "device" || reason === "slip")).toBe(true);
  // What it loses before it is stopped has a mark, too: whoever was there at Stop is on the film until then.
  expect(mine?.segments.at(-1)?.endMs).toBeGreaterThan(recording.durationMs - 1000);
  // A starved recorder that is begun anew near the end leaves a hole there; with camera and microphone is the second segment.
  const untilMs = Math.min(mine?.segments[1]?.endMs ?? 0, recording.durationMs);
  const end = between(await stage.film(id), untilMs - 1500, untilMs - 300);
  expect(sharesOf(end, 1).some((shares) => (shares[1] ?? 0) > 0.9)).toBe(true);
});

test("a microphone that delivers nothing but zeros is told, and asked for anew", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Nothing heard");
  const asha = await stage.person(await stage.browser("chromium"), 1, small);
  await asha.page.evaluateOnNewDocument(silentMicrophone);
  await asha.join(room.hostUrl, { name: "Asha" });
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await asha.reads("We hear nothing from your microphone.");
  await segments(stage, id, "Asha", 2);
  await poll(async () => !((await asha.page.evaluate("document.body.innerText")) as string).includes("We hear nothing"), {
    what: "heard again, and the words are gone",
  });
  expect(await asha.page.evaluate("asked")).toBe(2);
  await asha.click("button", "Stop recording");
  await asha.readsSafe(60_000);
});
