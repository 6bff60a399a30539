// The supervisor: an observer notes down for themselves and whispers to one of two; at debrief the notes become comments. Three people in one Chromium.
import { expect, test } from "vitest";
import { voicesSource } from "./rig/camera.ts";
import { toneHz } from "./rig/code.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { onsetsOf } from "./rig/sound.ts";
import { Stage } from "./rig/stage.ts";

const small = { width: 320, height: 180 };
const voices = async (person: Person) => Number(await person.page.evaluate(voicesSource));

test("an observer's notes are theirs until published, and a whisper is for one person's ears, off the film", async () => {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("Practice");
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1, small);
  const ben = await stage.person(browser, 2, small);
  const cleo = await stage.person(browser, 3, small);
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.join(room.guestUrl, { name: "Ben" });
  await cleo.join(room.observerUrl, { name: "Cleo", consent: null });
  await asha.watches("Ben");
  await cleo.watches("Ben");

  // Before anything is recorded a note has no second to stand at, and says so.
  await cleo.page.keyboard.press("n");
  await cleo.reads("Nothing is being recorded");
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.reaches(id, 500);
  await cleo.fill("Note", "Interrupts her twice");
  await cleo.page.reload();
  await cleo.click("button", "Join");
  await cleo.sees("button", "Leave");
  await cleo.page.keyboard.press("n");
  expect(await cleo.valueOf("Note")).toBe("Interrupts her twice");
  await cleo.page.keyboard.press("Enter");
  await poll(async () => (await cleo.valueOf("Note")) === "", { what: "the note is kept" });

  // Cleo's microphone is a tone that nobody else has: Ben's page gets it, Asha's does not, and neither learns from the other.
  await poll(async () => (await voices(asha)) === 1 && (await voices(ben)) === 1, { what: "each of two hears the other" });
  const select = await cleo.sees("combobox", "Whisper to");
  await select.select(await select.evaluate((element) => (element as HTMLSelectElement).options[2]!.value));
  await poll(async () => (await voices(ben)) + (await voices(asha)) === 3, { what: "one of them has a second voice" });
  const chosen = await select.evaluate((element) => (element as HTMLSelectElement).selectedOptions[0]!.textContent ?? "");
  const [trainee, other] = chosen.includes("Ben") ? [ben, asha] : [asha, ben];
  const button = await cleo.sees("button", "Hold to whisper");
  await button.focus();
  await cleo.page.keyboard.press("Enter");
  await trainee.reads("Cleo is whispering to you");
  await stage.reaches(id, (await stage.api.recording(id)).durationMs + 2500);
  expect(await voices(other)).toBe(1);
  for (const words of [await other.reads("Asha"), await cleo.reads("Whispering")]) expect(words).not.toContain("is whispering to you");
  await cleo.page.keyboard.press("Enter");
  await poll(async () => (await trainee.page.$(".whispered")) === null, { what: "the whisper is over" });
  await asha.click("button", "Stop recording");
  await asha.readsSafe(60_000);
  await ben.readsSafe(60_000);
  await stage.api.settles(id);

  // Asha and Ben are on the film's sound, Cleo is not.
  const film = await stage.film(id);
  if (!film.sound) throw new Error("the film has no sound");
  expect(onsetsOf(film.sound, toneHz(1)).length).toBeGreaterThan(2);
  expect(onsetsOf(film.sound, toneHz(2)).length).toBeGreaterThan(2);
  expect(onsetsOf(film.sound, toneHz(3))).toEqual([]);

  // At debrief the note is on Cleo's page and on nobody else's, until she publishes it.
  expect((await stage.api.comments(id)).items).toEqual([]);
  await cleo.page.goto(`${stage.server.url}/v/${id}#${room.observerKey}`);
  await cleo.reads("Only you see this");
  await asha.page.goto(`${stage.server.url}/v/${id}#${room.hostKey}`);
  await asha.reads("Nobody has said anything yet");
  await cleo.click("button", "Publish all");
  const question = await cleo.page.waitForSelector("dialog[open] .button.primary");
  await question?.click();
  await asha.reads("Interrupts her twice");
  const [note] = (await stage.api.comments(id)).items;
  expect(note).toMatchObject({ author: "Cleo", private: false, body: "Interrupts her twice" });
  expect(note?.atMs).toBeGreaterThan(0);
  expect([asha, ben, cleo].flatMap(({ complaints }) => complaints).filter((one) => !/WebSocket|Failed to load resource/.test(one))).toEqual(
    [],
  );
});
