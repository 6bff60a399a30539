// What it is all for, as one walk: role cards, a call with a supervisor's notes and a whisper, a swap and a second recording, feedback for oneself
// first, the reveal, replies, and all of it taken elsewhere. The counsellor and the supervisor are in Chromium, the client in Firefox; the client
// reviews by keyboard alone.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type * as z from "zod/mini";
import { ScoreList } from "../protocol/feedback.ts";
import { Scene } from "../protocol/scenario.ts";
import { WhisperList } from "../protocol/whispers.ts";
import { voicesSource } from "./rig/camera.ts";
import { toneHz } from "./rig/code.ts";
import { readFilm } from "./rig/film.ts";
import { wrongOn } from "./rig/look.ts";
import type { Person } from "./rig/person.ts";
import { poll } from "./rig/poll.ts";
import { TestServer } from "./rig/server.ts";
import { loudness, onsetsOf, percentile } from "./rig/sound.ts";
import { Stage } from "./rig/stage.ts";

const hostile = `<img src=x onerror="document.title='taken'">`;
const yaml = `title: Two of us
goals: [Listen to the end]
minutes: 0.1
roles:
  - { id: one, title: Counsellor, card: 'Card of the counsellor ${hostile.replaceAll("'", "''")}' }
  - { id: two, title: Client, card: Card of the client }
`;
const cards = ["Card of the counsellor", "Card of the client"];
const rubric = {
  title: "Listening",
  items: [
    {
      id: "calm",
      title: "Calm",
      scale: [
        { value: 1, anchor: "hurried" },
        { value: 2, anchor: "calm" },
      ],
    },
  ],
};
const small = { width: 320, height: 180 };
/** Three people in two browsers on a busy machine; with two idle cores it takes a third of it. */
const limitMs = 420_000;
const voices = async (person: Person) => Number(await person.page.evaluate(voicesSource));
const pageOf = (person: Person) => person.page.evaluate(() => document.documentElement.outerHTML);

/** Waits until the page shows this one of the cards, and then looks for the other in all that the page holds. */
async function readsOnly(person: Person, card: 0 | 1): Promise<void> {
  await poll(async () => (await pageOf(person)).includes(cards[card]!), {
    what: `“${cards[card]}” on the page of ${person.browser}`,
    limitMs: 30_000,
  });
  expect(await pageOf(person)).not.toContain(cards[1 - card]);
}

/** By its key, which does nothing before the page has been told that this is a supervisor. */
async function opensNotes(person: Person): Promise<void> {
  await poll(
    async () => {
      if (await person.page.$(".drawer.notes")) return true;
      await person.page.keyboard.press("n");
      return false;
    },
    { what: "the notes are open", everyMs: 3000, limitMs: 40_000 },
  );
}

/** What the keyboard is at: by its name, else its words. */
const atSource = `(() => { const at = document.activeElement; return at?.getAttribute("aria-label") ?? at?.labels?.[0]?.textContent ?? at?.textContent ?? ""; })()`;

/** By Tab alone, or Shift and Tab, as far as it takes. */
async function tabTo(person: Person, name: RegExp, back = false): Promise<void> {
  const { keyboard } = person.page;
  const seen: string[] = [];
  for (let step = 0; step < 150; step++) {
    if (back) await keyboard.down("Shift");
    await keyboard.press("Tab");
    if (back) await keyboard.up("Shift");
    const at = String(await person.page.evaluate(atSource)).trim();
    if (name.test(at)) return;
    seen.push(at.slice(0, 30));
  }
  throw new Error(`Tab does not lead to ${name}: ${seen.join(" → ")}`);
}

test(
  "two people and a supervisor: cards, notes and a whisper, a swap, feedback in secret, the reveal, replies, and all of it elsewhere",
  async () => {
    const stage = await Stage.open();
    const room = await stage.api.createRoom("Practice");
    const asked = async (method: string, path: string, body?: unknown, key: string | null = room.hostKey) => {
      const answer = await stage.api.as(key).ask(method, path, body);
      expect(answer.ok, `${method} ${path} ${answer.status}`).toBe(true);
      return answer;
    };
    const told = async <T extends z.ZodMiniType>(schema: T, path: string, key: string | null = room.hostKey): Promise<z.infer<T>> =>
      schema.parse(await (await asked("GET", path, undefined, key)).json()) as z.infer<T>;
    await asked("PATCH", `/rooms/${room.id}`, { keepWhispers: true });
    await asked("PATCH", `/rooms/${room.id}/guide`, { rubric, independent: true });
    const chromium = await stage.browser("chromium");
    const [asha, cleo] = [await stage.person(chromium, 1, small), await stage.person(chromium, 3, small)];
    const ben = await stage.person(await stage.browser("firefox"), 2, small);

    // Whoever agrees to be recorded is told of the room's rule. The host brings a scenario in the call.
    await asha.page.goto(room.hostUrl);
    await asha.reads("What is whispered to somebody here is kept");
    await asha.join(room.hostUrl, { name: "Asha" });
    await asha.reads("What is whispered in this room while it records is kept");
    await asha.click("button", "Understood");
    await asha.click("button", "More");
    await asha.click("button", "Role play");
    const field = '.scenario-choice input[type="file"]';
    await asha.page.waitForSelector(field);
    const broken = join(stage.server.place.path, "two-of-us.yaml");
    writeFileSync(broken, "title: [");
    const chooser = asha.page.waitForFileChooser();
    await asha.page.click(field);
    await (await chooser).accept([broken]);
    await asha.reads("two-of-us.yaml");
    await asha.reads(/line 1/);
    await asha.page.click(".paste > summary");
    await asha.fill("YAML text", yaml);
    await asha.click("button", "Take this text");
    await readsOnly(asha, 0);
    await ben.join(room.guestUrl, { name: "Ben" });
    await readsOnly(ben, 1);
    expect(await asha.page.title()).not.toBe("taken");
    await cleo.join(room.observerUrl, { name: "Cleo", consent: null });
    await cleo.watches("Ben");
    for (const card of cards) await poll(async () => (await pageOf(cleo)).includes(card), { what: `“${card}” for whoever watches` });
    expect(await wrongOn(ben.page), "a card beside the call").toEqual([]);

    // Before anything is recorded a note has no second to stand at, and says so; a reload takes none away.
    await opensNotes(cleo);
    await cleo.reads("Nothing is being recorded");
    await asha.click("button", "Record");
    const { id } = await stage.api.recordingOf(room.id);
    await stage.reaches(id, 500);
    await cleo.fill("Note", "Interrupts him twice");
    await cleo.page.reload();
    await cleo.click("button", "Join");
    await cleo.sees("button", "Leave");
    await opensNotes(cleo);
    expect(await cleo.valueOf("Note")).toBe("Interrupts him twice");
    await cleo.page.keyboard.press("Enter");
    await poll(async () => (await cleo.valueOf("Note")) === "", { what: "the note is kept" });

    // Cleo's microphone is a tone that nobody else has: Ben's page gets it, Asha's does not, and neither learns from the other.
    await poll(async () => (await voices(asha)) === 1 && (await voices(ben)) === 1, { what: "each of two hears the other" });
    const select = await cleo.sees("combobox", "Whisper to");
    await select.select(
      await select.evaluate((element) => [...(element as HTMLSelectElement).options].find(({ text }) => text.includes("Ben"))!.value),
    );
    await poll(async () => (await voices(ben)) === 2, { what: "Ben has a second voice" });
    await (await cleo.sees("button", "Hold to whisper")).focus();
    await cleo.page.keyboard.press("Enter");
    await ben.reads("Cleo is whispering to you");
    await stage.reaches(id, (await stage.api.recording(id)).durationMs + 2500);
    expect(await voices(asha)).toBe(1);
    for (const words of [await asha.reads("Asha"), await cleo.reads("Whispering")]) expect(words).not.toContain("is whispering to you");
    expect(await wrongOn(ben.page), "being whispered to").toEqual([]);
    await cleo.page.keyboard.press("Enter");
    await poll(async () => (await ben.page.$(".whispered")) === null, { what: "the whisper is over" });
    await ben.reads(/over|Time is up/);
    expect((await stage.api.recording(id)).state).toBe("recording");

    // One press: the same pair, the other way round.
    await asha.click("button", "Swap roles and record");
    await readsOnly(asha, 1);
    await readsOnly(ben, 0);
    const second = await poll(async () => (await stage.api.recordings(`?room=${room.id}`)).items.find((one) => one.id !== id), {
      what: "the second recording",
      limitMs: 30_000,
    });
    await stage.reaches(second.id, 2000);
    await asha.click("button", "Stop recording");
    for (const person of [asha, ben]) await person.readsSafe(60_000);
    const playedIn = async (one: string) => (await stage.api.recording(one)).scenario?.roles.map(({ participant }) => participant?.name);
    expect([await playedIn(id), await playedIn(second.id)]).toEqual([
      ["Asha", "Ben"],
      ["Ben", "Asha"],
    ]);
    await cleo.click("button", "Leave");
    await cleo.readsSafe(60_000);
    await stage.api.settles(id);

    // Asha is on the film's sound, Cleo is not: neither on it nor among its people, and what was whispered is a sound of its own.
    const film = await stage.film(id);
    expect(onsetsOf(film.sound!, toneHz(1)).length).toBeGreaterThan(2);
    expect(onsetsOf(film.sound!, toneHz(3))).toEqual([]);
    const { tracks, durationMs } = await stage.api.recording(id);
    expect(tracks.map(({ participant }) => participant.name).toSorted()).toEqual(["Asha", "Ben"]);
    expect((await told(WhisperList, `/recordings/${id}/whispers`, room.guestKey)).items).toEqual([]);
    const [whisper] = (await told(WhisperList, `/recordings/${id}/whispers`)).items;
    expect(whisper).toMatchObject({ from: { name: "Cleo" }, to: { name: "Ben" }, complete: true });
    const [moment, ...others] = whisper!.moments;
    expect(others).toEqual([]);
    expect(moment!.toMs - moment!.fromMs).toBeGreaterThan(2000);
    const file = join(stage.server.place.path, "whisper.flac");
    writeFileSync(file, Buffer.from(await (await asked("GET", `/whispers/${whisper!.id}/audio.flac`)).arrayBuffer()));
    const { sound } = await readFilm(file, "whole");
    expect(Math.abs((sound!.samples.length / sound!.sampleRate) * 1000 - durationMs)).toBeLessThan(100);
    const level = loudness(sound!, toneHz(3));
    expect(percentile([...level.subarray(moment!.fromMs, moment!.toMs)], 99)).toBeGreaterThan(0.03);
    for (const part of [level.subarray(0, moment!.fromMs - 300), level.subarray(moment!.toMs + 300)])
      expect(Math.max(0, ...part)).toBeLessThan(0.01);

    // Everybody for themselves first. Cleo's note is hers until she publishes it, and then hidden with the rest.
    const address = (key: string) => `${stage.server.url}/v/${id}#${key}`;
    expect((await stage.api.comments(id)).items).toEqual([]);
    await cleo.page.goto(address(room.observerKey));
    await cleo.reads("Only you see this");
    await asha.page.goto(address(room.hostKey));
    await asha.reads("Nobody has said anything yet");
    await cleo.click("button", "Publish all");
    await (await cleo.page.waitForSelector("dialog[open] .button.primary"))?.click();
    await asha.fill("Comment", "You waited for me");
    await asha.click("button", "Post");
    await asha.reads("1 comment");

    await ben.page.goto(address(room.guestKey));
    await ben.sees("textbox", "Comment");
    await ben.reads("Everybody writes for themselves first");
    await ben.page.keyboard.press("c");
    await ben.page.keyboard.type(hostile);
    await ben.page.keyboard.press("Enter");
    await ben.reads(hostile);
    await ben.page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await tabTo(ben, /hurried/);
    await ben.page.keyboard.press(" ");
    await poll(async () => (await scoresOf(id)).length === 1, { what: "Ben's score" });
    await tabTo(ben, /^Mark/);
    await ben.page.keyboard.press("Enter");
    await poll(async () => (await scoresOf(id))[0]?.evidence.length === 1, { what: "the moment that shows it" });
    for (const words of ["You waited for me", "Interrupts him twice"]) expect(await pageOf(ben)).not.toContain(words);
    expect(await wrongOn(ben.page), "in secret").toEqual([]);
    await tabTo(ben, /^Hand in my feedback/, true);
    await ben.page.keyboard.press("Enter");
    await ben.reads("Handed in");
    await asha.click("button", "Hand in my feedback");
    expect(await pageOf(asha)).not.toContain("Interrupts him twice");
    await cleo.click("button", "Hand in my feedback");
    for (const person of [asha, ben, cleo])
      for (const words of ["You waited for me", "Interrupts him twice", hostile]) await person.reads(words);
    expect(await ben.page.title()).not.toBe("taken");
    const note = (await stage.api.comments(id)).items.find(({ body }) => body === "Interrupts him twice");
    expect(note).toMatchObject({ author: "Cleo", private: false });
    expect(note?.atMs).toBeGreaterThan(0);

    // A reply by keyboard: to the comment that N finds first.
    await ben.page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await ben.page.keyboard.press("n");
    await ben.page.waitForSelector(".thread.selected");
    await tabTo(ben, /^Reply to /);
    await ben.page.keyboard.press("Enter");
    await ben.page.waitForFunction(`document.activeElement?.getAttribute("aria-label") === "Reply"`);
    await ben.page.keyboard.type("Thank you");
    await ben.page.keyboard.press("Enter");
    await asha.reads("Thank you");

    // What was whispered is on the pages of those it is for, and can be heard; the cards are everybody's once the host has shown them.
    for (const person of [asha, ben, cleo]) await person.reads("1 whisper");
    await asha.page.evaluate(() => {
      for (const one of document.querySelectorAll("details")) one.open = true;
    });
    await (await asha.page.waitForSelector(".whispers .chapter"))?.click();
    await poll(
      async () => Number(await asha.page.$eval(".whispers audio", (one) => (one as HTMLAudioElement).currentTime)) * 1000 > moment!.fromMs,
      { what: "the whisper sounds" },
    );
    expect(await pageOf(ben)).not.toContain(cards[0]);
    await asha.click("button", "Show the cards to everybody");
    await asha.reads("Everybody sees the cards now");
    for (const card of cards) await poll(async () => (await pageOf(ben)).includes(card), { what: `“${card}” on Ben's page` });
    expect((await told(Scene, `/recordings/${second.id}/scenario`, room.observerKey)).cards).toHaveLength(2);
    expect((await told(Scene, `/recordings/${second.id}/scenario`, room.guestKey)).cards).toBeNull();
    for (const person of [asha, cleo]) expect(await wrongOn(person.page), "when all is said").toEqual([]);

    // All of it, elsewhere, from the link on the host's page.
    const zip = await (await fetch(await asha.hrefOf("Everything as one zip"))).arrayBuffer();
    const elsewhere = await TestServer.open();
    onTestFinished(() => elsewhere.close());
    const sent = { authorization: `Bearer ${elsewhere.api.key}`, "content-type": "application/zip" };
    expect((await fetch(`${elsewhere.url}/api/v1/recordings`, { method: "POST", headers: sent, body: zip })).status).toBe(201);
    const taken = await elsewhere.api.recordingOf();
    await elsewhere.api.settles(taken.id);
    const saidOf = async (api: typeof stage.api, one: string) =>
      (await api.comments(one)).items.map(({ atMs, author, body }) => ({ atMs, author, body }));
    expect(await saidOf(elsewhere.api, taken.id)).toEqual(await saidOf(stage.api, id));
    const there = async <T extends z.ZodMiniType>(schema: T, path: string): Promise<z.infer<T>> =>
      schema.parse(await (await elsewhere.api.ask("GET", `/recordings/${taken.id}/${path}`)).json()) as z.infer<T>;
    expect((await there(ScoreList, "scores")).items.map(({ item, value }) => [item, value])).toEqual([["calm", 1]]);
    const scene = await there(Scene, "scenario");
    expect([scene.shown, scene.cards?.length, ...scene.roles.map(({ participant }) => participant?.name)]).toEqual([
      true,
      2,
      "Asha",
      "Ben",
    ]);
    const [again] = (await there(WhisperList, "whispers")).items;
    expect(again).toMatchObject({ from: { name: "Cleo" }, to: { name: "Ben" }, moments: [moment] });
    expect(
      [asha, ben, cleo].flatMap(({ complaints }) => complaints).filter((one) => !/WebSocket|Failed to load resource/.test(one)),
    ).toEqual([]);

    async function scoresOf(one: string) {
      // As the reviewer that Ben's browser is: what others gave is hidden from it, and his from others.
      const me = String(await ben.page.evaluate((slot) => localStorage.getItem(slot), `doubletake.reviewer.${one}`));
      const answer = await stage.api.as(room.guestKey).ask("GET", `/recordings/${one}/scores`, undefined, { "doubletake-reviewer": me });
      return ScoreList.parse(await answer.json()).items;
    }
  },
  limitMs,
);
