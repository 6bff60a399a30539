// Nobody holds up the others: people who vanish, who send nothing or nonsense, who left half a segment on another device, who come back in two days.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeFootage } from "./rig/footage.ts";
import { poll } from "./rig/poll.ts";
import { resumeTrack, Sender, sendChunk, type UploadLine } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

const graceMs = 1500;
const settings = { DOUBLETAKE_GRACE_MS: String(graceMs) };
const nowMs = () => performance.timeOrigin + performance.now();
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
type Bytes = Uint8Array<ArrayBuffer>;

async function record(names: string[]) {
  const stage = await Stage.open(settings);
  const room = await stage.api.createRoom("Apart");
  const people = await Promise.all(
    names.map((name, index) => Sender.join(stage.server.url, room, index === 0 ? room.hostKey : room.guestKey, name)),
  );
  people[0]?.call.say({ type: "record" });
  const startMs = nowMs();
  const [started] = await Promise.all(people.map((person) => person.call.hears("recording")));
  const id = started?.recording.id ?? "";
  return { stage, room, people, id, startMs };
}

/** More than any of these films lasts. */
const afterwardsMs = 20_000;

/** Sends the first `share` of the bytes and waits until they are acked. */
async function sendPart(person: Sender, line: UploadLine, bytes: Bytes, share: number, startMs: number) {
  const segment = person.openSegment(line, startMs);
  await line.hears("offset");
  const sent = Math.round(bytes.length * share);
  person.sendChunk(line, bytes.slice(0, sent), 0, 0, startMs + afterwardsMs);
  await poll(async () => (await line.hears("ack")).offset === sent, { what: "the part is acked" });
  return { segment, sent };
}

/** What an outbox does when its page is opened again: asks for the offset, sends the rest, finishes and ends. */
async function comeBack(server: string, track: { track: string; token: string }, segment: string, bytes: Bytes, startMs: number) {
  const line = await resumeTrack(server, track.track, track.token);
  const facts = {
    browser: "firefox" as const,
    version: 0,
    mimeType: "video/webm;codecs=vp8,opus",
    startCallMs: startMs,
    startEventMs: startMs,
  };
  line.say({ type: "open", segment, handle: 1, facts });
  const { offset } = await line.hears("offset");
  sendChunk(line, bytes.slice(offset), offset, 1);
  line.say({ type: "finish", segment, bytes: bytes.length, sha256: hashOf(bytes) });
  await line.hears("sealed");
  line.say({ type: "end", segments: [segment] });
  await line.hears("ended");
  line.close();
  return offset;
}

/** Names of the film's windows, in order: one that was composed again has a revision. */
function windowsOf(stage: Stage, id: string): string[] {
  const text = readFileSync(join(stage.server.dataFolder, "recordings", id, "windows", "side-by-side", "playlist.m3u8"), "utf8");
  return text.split("\n").filter((line) => line.endsWith(".m4s"));
}

test("people who vanish hold up the film for the grace, end as partial with who and how much, and complete it two days and a restart later", async () => {
  const { stage, people, id, startMs } = await record(["Asha", "Ben", "Chen"]);
  const [asha, ben, chen] = people as [Sender, Sender, Sender];
  const url = stage.server.url;
  const footage = async (participant: number, durationMs: number) =>
    await makeFootage({ participant, durationMs, trueMs: startMs, width: 320, height: 180 });
  const [ashaBytes, benBytes, chenBytes] = [await footage(1, 14_000), await footage(2, 5800), await footage(3, 5800)];
  const ashaTrack = await asha.openTrack(id);
  const ashaSegment = asha.openSegment(ashaTrack.line, startMs);
  await ashaTrack.line.hears("offset");
  const dripping = asha.drip(ashaTrack.line, ashaBytes, 14_000);
  const benTrack = await ben.openTrack(id);
  const chenTrack = await chen.openTrack(id);
  const benPart = await sendPart(ben, benTrack.line, benBytes, 0.3, startMs);
  const chenPart = await sendPart(chen, chenTrack.line, chenBytes, 0.3, startMs);
  ben.vanish(benTrack.line);
  chen.vanish(chenTrack.line);

  const running = await stage.filmed(id, 6400, 25_000);
  expect(running.state).toBe("recording");
  await stage.filmed(id, 9600, 25_000);
  const stopped = await stage.api.stop(id);
  await dripping;
  ashaTrack.line.say({ type: "finish", segment: ashaSegment, bytes: ashaBytes.length, sha256: hashOf(ashaBytes) });
  await ashaTrack.line.hears("sealed");
  ashaTrack.line.say({ type: "end", segments: [ashaSegment] });
  const partial = await stage.api.settles(id, ["partial"]);
  expect(partial.tracks.map(({ participant, state }) => [participant.name, state]).toSorted()).toEqual([
    ["Asha", "safe"],
    ["Ben", "partial"],
    ["Chen", "partial"],
  ]);
  for (const name of ["Ben", "Chen"])
    expect(partial.problems.join(" ")).toMatch(new RegExp(`${name}'s camera: \\d+\\.\\d MB are here, the rest did not arrive`));
  expect(partial.composition.videoUrl).not.toBeNull();
  const comment = await stage.api.comment(id, { atMs: 4200, body: "Here." });
  const before = windowsOf(stage, id);
  expect(before.length).toBe(Math.ceil(stopped.durationMs / 3200));

  expect(await stage.server.stop("SIGTERM")).toBe(0);
  await stage.server.start();
  expect((await stage.api.recording(id)).state).toBe("partial");
  expect(await comeBack(url, benTrack, benPart.segment, benBytes, startMs)).toBe(benPart.sent);
  const again = await stage.api.settles(id, ["partial"]);
  expect(again.tracks.map(({ participant, state }) => [participant.name, state]).toSorted()).toEqual([
    ["Asha", "safe"],
    ["Ben", "safe"],
    ["Chen", "partial"],
  ]);
  expect(again.tracks.find(({ participant }) => participant.name === "Chen")?.bytes, "who is still away is not forgotten").toBe(
    chenPart.sent,
  );
  await comeBack(url, chenTrack, chenPart.segment, chenBytes, startMs);
  const ready = await stage.api.settles(id, ["ready"]);
  expect(ready.problems).toEqual([]);
  expect(ready.durationMs).toBe(partial.durationMs);
  expect((await stage.api.comments(id)).items).toEqual([comment]);
  // Ben and Chen broke off before the third second, had a card for five more, and end within the second window: what lies after was never touched.
  const after = windowsOf(stage, id);
  expect(after.slice(3)).toEqual(before.slice(3));
  expect(before.length).toBeGreaterThan(3);
  expect(after[1]).not.toBe(before[1]);
});

test("half a segment that was left on another device holds nobody up, is named, and is taken when it comes", async () => {
  const { stage, people, id, startMs } = await record(["Asha"]);
  const [asha] = people as [Sender];
  const left = await makeFootage({ participant: 1, durationMs: 2000, trueMs: startMs, width: 320, height: 180 });
  const laterMs = startMs + 2500;
  const more = await makeFootage({ participant: 1, durationMs: 8000, trueMs: laterMs, width: 320, height: 180 });
  const phone = await asha.openTrack(id);
  const part = await sendPart(asha, phone.line, left, 0.5, startMs);
  phone.line.close();
  const laptop = await asha.openTrack(id);
  const segment = asha.openSegment(laptop.line, laterMs);
  await laptop.line.hears("offset");
  const dripping = asha.drip(laptop.line, more, 8000);
  const running = await stage.filmed(id, 6400, 25_000);
  expect(running.state).toBe("recording");
  expect(running.problems.join(" ")).toMatch(/Asha's camera: what was recorded from 0:00 on is here up to 0:0\d so far/);
  await stage.api.stop(id);
  await dripping;
  laptop.line.say({ type: "finish", segment, bytes: more.length, sha256: hashOf(more) });
  await laptop.line.hears("sealed");
  laptop.line.say({ type: "end", segments: [segment] });
  await laptop.line.hears("ended");
  laptop.line.close();
  await stage.api.settles(id, ["partial"]);
  await comeBack(stage.server.url, phone, part.segment, left, startMs);
  const ready = await stage.api.settles(id, ["ready"]);
  expect(ready.tracks[0]?.segments).toHaveLength(2);
});

test("everybody leaves by crash: the recording stops where the media ends, and becomes a film by itself", async () => {
  const { stage, people, id, startMs } = await record(["Asha", "Ben"]);
  const [asha, ben] = people as [Sender, Sender];
  const bytes = await makeFootage({ participant: 1, durationMs: 4000, trueMs: startMs, width: 320, height: 180 });
  const { line } = await asha.openTrack(id);
  await sendPart(asha, line, bytes, 1, startMs);
  asha.vanish(line);
  ben.vanish();
  const over = await stage.api.settles(id, ["partial"]);
  expect(over.durationMs).toBeGreaterThan(3000);
  expect(over.durationMs).toBeLessThan(4500);
  expect(over.composition.state).toBe("ready");
  expect(over.problems.join(" ")).toContain("Asha");
});

test("somebody who sends nothing, and somebody who sends nonsense, stay in the call and hold up nobody's film", async () => {
  const { stage, people, id, startMs } = await record(["Asha", "Idle", "Mallory"]);
  const [asha, idle, mallory] = people as [Sender, Sender, Sender];
  await idle.openTrack(id);
  const bad = await mallory.openTrack(id);
  mallory.openSegment(bad.line, startMs);
  await bad.line.hears("offset");
  mallory.sendChunk(bad.line, new TextEncoder().encode("This is no film at all, and never was one."), 0, 0);
  expect((await bad.line.closes()).code).toBe(4415);
  const bytes = await makeFootage({ participant: 1, durationMs: 9000, trueMs: startMs, width: 320, height: 180 });
  const { line } = await asha.openTrack(id);
  const segment = asha.openSegment(line, startMs);
  await line.hears("offset");
  const dripping = asha.drip(line, bytes, 9000);
  await stage.filmed(id, 3200, 20_000);
  await stage.api.stop(id);
  await dripping;
  line.say({ type: "finish", segment, bytes: bytes.length, sha256: hashOf(bytes) });
  await line.hears("sealed");
  line.say({ type: "end", segments: [segment] });
  idle.vanish();
  const over = await poll(
    async () => {
      const now = await stage.api.recording(id);
      return now.tracks.find(({ participant }) => participant.name === "Asha")?.state === "safe" && now;
    },
    { what: "Asha is safe" },
  );
  expect(over.problems.join(" ")).toContain("Mallory");
});

test("everybody hears how much of whose recording is safe, also after Stop, and who is not recorded any more", async () => {
  const { stage, room, people, id, startMs } = await record(["Asha", "Ben"]);
  const [asha, ben] = people as [Sender, Sender];
  const bytes = await makeFootage({ participant: 2, durationMs: 3000, trueMs: startMs, width: 320, height: 180 });
  const { line } = await ben.openTrack(id);
  ben.call.say({ type: "kept", recording: id as `rec_${string}`, source: "camera", bytes: bytes.length, durationMs: 3000 });
  const part = await sendPart(ben, line, bytes, 0.5, startMs);
  const itemOf = async (wanted: (item: { bytes: number; safeBytes: number; state: string }) => boolean) =>
    await poll(
      async () => {
        const { items } = await asha.call.hears("safety");
        return items.find((item) => item.participant.name === "Ben" && wanted(item));
      },
      { what: "how safe Ben's recording is" },
    );
  const half = await itemOf(({ safeBytes }) => safeBytes === part.sent);
  expect(half).toMatchObject({ bytes: bytes.length, state: "recording", recordedMs: 3000, participant: { id: ben.me.id } });
  expect(half.safeMs).toBeLessThan(2500);
  const late = await Sender.join(stage.server.url, room, room.guestKey, "Late");
  expect((await late.call.hears("safety")).recording).toBe(id);
  asha.call.say({ type: "stop" });
  await ben.call.hears("stopped");
  ben.sendChunk(line, bytes.slice(part.sent), part.sent, 1);
  line.say({ type: "finish", segment: part.segment, bytes: bytes.length, sha256: hashOf(bytes) });
  await line.hears("sealed");
  line.say({ type: "end", segments: [part.segment] });
  const safe = await itemOf(({ state }) => state === "safe");
  expect(safe).toMatchObject({ bytes: bytes.length, safeBytes: bytes.length, gaps: [] });
  expect(safe.recordedMs).toBe(safe.safeMs);

  const old = await Sender.join(stage.server.url, room, room.guestKey, "Old");
  old.call.say({ type: "consent", given: false });
  expect((await late.call.hears("changed")).participant).toMatchObject({ name: "Old", recorded: false });
});
