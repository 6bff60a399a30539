// A debrief that is spoken: a video by somebody in Chromium, a voice by somebody in Firefox, each played by the other, and what is kept of them.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Comment } from "../protocol/feedback.ts";
import { difference, toneHz } from "./rig/code.ts";
import { readFilm } from "./rig/film.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { recorded } from "./rig/recorded.ts";
import { onsetsOf, power } from "./rig/sound.ts";
import { Stage } from "./rig/stage.ts";

/** Records so long by pressing the button in `place`, and stops. */
async function speaks(person: Person, place: string, kind: "voice" | "video", ms: number): Promise<void> {
  await person.page.locator(`${place} .attach [data-kind="${kind}"]`).click();
  await person.sees("button", "Stop");
  const clock = `${place} .attach-panel [role="timer"]`;
  await poll(
    async () => {
      const [, minutes, seconds] = /^(\d+):(\d+) of/.exec(await person.page.$eval(clock, (it) => it.textContent ?? "")) ?? [];
      return Number(minutes) * 60_000 + Number(seconds) * 1000 >= ms;
    },
    { what: `${ms} ms of ${kind}` },
  );
  await person.click("button", "Stop");
  await person.page.waitForSelector(`${place} .attach-panel ${kind === "video" ? "video" : "audio"}[controls]`);
}

/** Plays it without its sound, to its end or for a moment; how long the player says it is, in seconds. */
async function plays(person: Person, selector: string): Promise<number> {
  await person.page.waitForSelector(selector);
  await person.page.$eval(selector, (element) => {
    const media = element as HTMLMediaElement;
    media.muted = true;
    return media.play();
  });
  return await poll(
    () =>
      person.page.$eval(selector, (element) => {
        const { currentTime, duration, error } = element as HTMLMediaElement;
        if (error) throw new Error(`${error.code} ${error.message}`);
        return currentTime > 0.5 ? duration : null;
      }),
    { what: `${selector} plays` },
  );
}

test("what somebody speaks into a comment is heard and seen by the other at once, is what they spoke, and goes with the comment", async () => {
  const stage = await Stage.open();
  const { room, id } = await recorded(stage.server, 6000);
  const olu = await stage.person(await stage.browser("chromium"), 3);
  const kim = await stage.person(await stage.browser("firefox"), 4);
  await kim.page.goto(`${stage.server.url}/v/${id}#${room.guestKey}`);
  await kim.sees("textbox", "Comment");
  await olu.page.goto(`${stage.server.url}/v/${id}#${room.guestKey}`);
  await olu.fill("Your name", "Olu");

  // Olu speaks while the film is still; with no word beside it.
  await olu.plays("Recording");
  await speaks(olu, ".comments > .comment-box", "video", 3000);
  expect(await olu.page.$eval('video[aria-label="Recording"]', (film) => (film as HTMLVideoElement).paused)).toBe(true);
  const own = await plays(olu, ".attach-panel video[controls]");
  expect(own).toBeGreaterThan(2.5);
  expect(own).toBeLessThan(20);

  // It says how far it is; stopped, and when the line is gone, it is still here, and one press sends it.
  await olu.page.emulateNetworkConditions({ upload: 10_000, download: 1_000_000, latency: 0 });
  await olu.click("button", "Post");
  await olu.sees("progressbar", "How much is sent");
  await olu.reads(/[1-9]\d* kB of [\d.]+ [kM]B sent/);
  await olu.click("button", "Stop sending");
  await olu.sees("button", "Discard");
  await olu.page.emulateNetworkConditions(null);
  await olu.page.setOfflineMode(true);
  await olu.click("button", "Post");
  await olu.reads("what you recorded are still here");
  await olu.page.setOfflineMode(false);
  await olu.click("button", "Try again");

  // Kim sees it live, and answers by voice.
  expect(await plays(kim, ".attached video")).toBeCloseTo(own, 0);
  await kim.page.locator('.act[aria-label^="Reply to Olu"]').click();
  await kim.page.locator('.thread input[aria-label="Your name"]').fill("Kim");
  await speaks(kim, ".thread", "voice", 2000);
  await kim.click("button", "Send reply");
  const voiceS = await plays(olu, ".replies .attached audio");
  expect(voiceS).toBeGreaterThan(1.5);
  expect(voiceS).toBeLessThan(20);

  // She says it once more. A server that does not listen is not waited for; then Olu hears the new one, and the old one is off the disk.
  const folder = join(stage.server.dataFolder, "recordings", id, "attachments");
  const [spoken] = (await stage.api.comments(id)).items.flatMap(({ author, attachment }) => (author === "Kim" && attachment) || []);
  await kim.page.locator('.replies .act[aria-label^="Edit comment"]').click();
  await speaks(kim, ".replies", "voice", 3000);
  process.kill(stage.server.pid!, "SIGSTOP");
  try {
    await kim.click("button", "Save");
    await kim.sees("progressbar", "How much is sent");
    await kim.click("button", "Stop sending");
    await kim.sees("button", "Discard");
  } finally {
    process.kill(stage.server.pid!, "SIGCONT");
  }
  await kim.click("button", "Save");
  expect(await plays(olu, `.replies .attached audio:not([src*="${spoken!.id}"])`)).toBeGreaterThan(2.5);
  // What was stopped may have arrived whole: loose, it lies there for an hour.
  const kept = (attachmentId: string) => readdirSync(folder).includes(`${attachmentId}.webm`);
  await poll(() => !kept(spoken!.id), { what: "the old one is gone" });

  // What is kept is what the camera and the microphones gave.
  const posted = (await stage.api.comments(id)).items;
  const attached = (author: string) => posted.find((one) => one.author === author && one.attachment)!;
  const [video, voice] = [attached("Olu"), attached("Kim")];
  expect([video.body, video.attachment?.kind, voice.attachment?.kind, voice.parentId]).toEqual(["", "video", "voice", video.id]);
  expect(Math.abs(video.attachment!.durationMs - own * 1000)).toBeLessThan(600);
  const file = async ({ attachment }: Comment) =>
    await stage.api.download(`${stage.server.url}${attachment!.mediaUrl}`, join(stage.server.place.path, `${attachment!.id}.webm`));
  const film = await readFilm(await file(video), "whole");
  const codes = film.pictures.flatMap(({ atMs, codes: read }) => {
    const code = read[0]?.[0];
    return code ? [{ atMs, ...code }] : [];
  });
  expect(codes.length).toBeGreaterThan(20);
  expect(new Set(codes.map(({ participant }) => participant))).toEqual(new Set([3]));
  const [first, last] = [codes[0]!, codes.at(-1)!];
  expect(Math.abs(difference(last.trueMs, first.trueMs) - (last.atMs - first.atMs))).toBeLessThan(200);
  expect(onsetsOf(film.sound!, toneHz(3)).length).toBeGreaterThanOrEqual(2);
  const heard = (await readFilm(await file(voice), "whole")).sound!;
  const lengthMs = (heard.samples.length * 1000) / heard.sampleRate;
  expect(lengthMs).toBeGreaterThan(1500);
  expect(power(heard, heard.startMs + lengthMs / 4, heard.startMs + (lengthMs * 3) / 4)).toBeGreaterThan(0.01);

  // By range, as what it is and nothing else.
  const part = await fetch(`${stage.server.url}${voice.attachment!.mediaUrl}`, { headers: { range: "bytes=4-9" } });
  expect([part.status, part.headers.get("content-type"), part.headers.get("x-content-type-options")]).toEqual([
    206,
    "audio/webm",
    "nosniff",
  ]);
  expect((await part.arrayBuffer()).byteLength).toBe(6);
  const hostile = await stage.api
    .as(room.guestKey)
    .attach(id, Buffer.from("<!doctype html><script>1</script>"), "video/webm")
    .catch(String);
  expect(hostile).toMatch(/415.*text file/);

  // A microphone that is refused is said in words, and nothing is lost.
  await kim.page.focus("#comment-box");
  await kim.page.keyboard.type("Words stay");
  await kim.page.evaluate(`MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"))`);
  await kim.page.locator('.comments > .comment-box .attach [data-kind="voice"]').click();
  await kim.reads("does not let this page use your microphone");
  await kim.sees("button", "Try again");
  await kim.click("button", "Discard");
  expect(await kim.page.$eval("#comment-box", (box) => (box as HTMLTextAreaElement).value)).toBe("Words stay");

  // The comment goes, and with it what was spoken; the reply keeps its own.
  expect([kept(video.attachment!.id), kept(voice.attachment!.id)]).toEqual([true, true]);
  await olu.page.locator('.act[aria-label^="Delete comment"]').click();
  await kim.reads("This comment was deleted.");
  await poll(async () => (await fetch(`${stage.server.url}${video.attachment!.mediaUrl}`)).status === 403, { what: "the video is gone" });
  await poll(() => !kept(video.attachment!.id), { what: "its file is gone" });
  expect((await fetch(`${stage.server.url}${voice.attachment!.mediaUrl}`)).status).toBe(200);

  // What Kim spoke goes, and words stand there for it.
  await kim.page.locator('.replies .act[aria-label^="Edit comment"]').click();
  await kim.click("button", "Remove recording");
  await kim.reads("The recording goes when you save.");
  await kim.fill("Change the comment", "In words after all");
  await kim.click("button", "Save");
  await olu.reads("In words after all");
  expect(await olu.page.$(".replies .attached")).toBeNull();
  await poll(() => !kept(voice.attachment!.id), { what: "what she spoke is off the disk" });
  expect((await stage.api.ask("DELETE", `/recordings/${id}`)).status).toBe(204);
  await poll(() => !existsSync(folder), { what: "everything is gone" });
  expect([...olu.complaints, ...kim.complaints].filter((one) => !/WebSocket|Failed to load resource/.test(one))).toEqual([]);
});
