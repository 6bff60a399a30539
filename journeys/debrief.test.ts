// A debrief from its first comment to its reveal: two reviewers in two browsers, one by a link with a passphrase, both at once.
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { Feedback, Measures, Rubric, ScoreList, Share } from "../protocol/feedback.ts";
import { makeFootage } from "./rig/footage.ts";
import { Look } from "./rig/look.ts";
import type { Person } from "./rig/person.ts";
import { root } from "./rig/place.ts";
import { poll } from "./rig/poll.ts";
import { Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

const durationMs = 9000;

async function recorded(stage: Stage) {
  const room = await stage.api.createRoom("Debrief");
  const sender = await Sender.join(stage.server.url, room, room.hostKey, "Asha");
  sender.call.say({ type: "record" });
  const { recording } = await sender.call.hears("recording");
  const startMs = performance.timeOrigin + performance.now();
  const { line } = await sender.openTrack(recording.id);
  const { segment } = await sender.sendSegment(line, await makeFootage({ participant: 1, durationMs, trueMs: startMs }), startMs);
  line.say({ type: "end", segments: [segment] });
  await line.hears("ended");
  await poll(() => performance.timeOrigin + performance.now() > startMs + durationMs, { what: "the footage's time has passed" });
  await stage.api.stop(recording.id);
  await stage.api.settles(recording.id);
  sender.leave();
  return { room, id: recording.id };
}

/** Types into whatever has the focus. */
const type = (person: Person, text: string) => person.page.keyboard.type(text);
const press = (person: Person, key: "Enter" | "Escape" | "n" | "e" | "c") => person.page.keyboard.press(key);
const hostile = `<img src=x onerror="document.title='taken'"> {{name}} \u202Eevil`;

test("two reviewers comment, answer, resolve and edit at once, live, by keyboard, and nothing anybody wrote is lost", async () => {
  const stage = await Stage.open();
  const { room, id } = await recorded(stage);
  const ask = async <T extends z.ZodMiniType>(schema: T, method: string, path: string, body?: unknown): Promise<z.infer<T>> => {
    const answer = await stage.api.as(room.hostKey).ask(method, path, body);
    expect(answer.ok, `${method} ${path} ${answer.status}`).toBe(true);
    return schema.parse(await answer.json()) as z.infer<T>;
  };
  const olu = await stage.person(await stage.browser("chromium"), 3);
  const kim = await stage.person(await stage.browser("firefox"), 4);

  // Kim comes by a link with a passphrase, made in the page by the host.
  const share = await ask(Share, "POST", `/recordings/${id}/shares`, {
    label: "Kim",
    mayComment: true,
    mayDownload: false,
    expiresAt: null,
    passphrase: "open sesame",
  });
  await kim.page.goto(share.url);
  await kim.page.waitForSelector("#passphrase");
  await kim.page.type("#passphrase", "open sesame");
  await kim.click("button", "Open");
  await kim.sees("textbox", "Comment");
  await olu.page.goto(`${stage.server.url}/v/${id}#${room.guestKey}`);

  // Writing keeps the moment; Enter posts; the other sees it at once.
  await olu.plays("Recording");
  await olu.fill("Your name", "Olu");
  await olu.page.focus("#comment-box");
  await type(olu, hostile);
  expect(await olu.page.$eval("video", (video) => (video as HTMLVideoElement).paused)).toBe(true);
  await press(olu, "Enter");
  await kim.reads(hostile);
  const [first] = (await stage.api.comments(id)).items;
  expect(first).toMatchObject({ body: hostile, author: "Olu" });
  expect(first?.atMs).toBeGreaterThan(0);

  // A reply, by somebody who only has a link.
  await kim.click("button", `Reply to Olu at 0:0${Math.floor((first?.atMs ?? 0) / 1000)}`);
  await kim.fill("Your name", "Kim");
  await kim.fill("Reply", "I saw it differently.");
  await kim.click("button", "Send reply");
  await olu.reads("I saw it differently.");

  // N selects the next one, E resolves it, for everybody.
  await olu.page.evaluate(`document.activeElement.blur(); document.querySelector("video").currentTime = 0`);
  await press(olu, "n");
  await olu.page.waitForSelector(".thread.selected");
  await press(olu, "e");
  await kim.page.waitForSelector(".thread.resolved");

  // A range by number, with a marker.
  await press(olu, "c");
  await type(olu, "All of this");
  await olu.page.locator(`::-p-aria([name="From, in seconds"])`).fill("2");
  await olu.page.locator(`::-p-aria([name="To, in seconds"])`).fill("4.5");
  await olu.page.select(`select[aria-label="Marker"]`, "open-question");
  await olu.click("button", "Post");
  await kim.reads("Open question");
  const ranged = (await stage.api.comments(id)).items.find(({ body }) => body === "All of this");
  expect(ranged).toMatchObject({ atMs: 2000, endMs: 4500, marker: "open-question" });

  // Two edit the same words at once: both texts are there, and both are kept.
  await olu.click("button", "Edit comment at 0:02–0:04");
  await ask(z.object({}), "PATCH", `/comments/${ranged?.id}`, { body: "The host's words" });
  await kim.reads("The host's words");
  await olu.fill("Change the comment", "Olu's words");
  await olu.click("button", "Save");
  await olu.reads("Somebody else changed this comment");
  await olu.click("button", "Put both together");
  await olu.click("button", "Save mine");
  await kim.reads(/The host's words\s+Olu's words/);

  // What was measured, and what the rubric asks.
  expect((await ask(Measures, "GET", `/recordings/${id}/measures`)).measuredMs).toBeGreaterThan(durationMs - 1500);
  const { items: rubrics } = await ask(z.object({ items: z.array(Rubric) }), "GET", `/rooms/${room.id}/rubrics`);
  await ask(z.object({}), "PATCH", `/rooms/${room.id}/guide`, { rubric: rubrics[0] });
  await olu.page.waitForSelector(".rubric input[type=radio]:not(:disabled)");
  await olu.page.click(".rubric input[type=radio]");
  await poll(async () => (await ask(ScoreList, "GET", `/recordings/${id}/scores`)).items.length === 1, { what: "the score is kept" });
  const look = new Look(join(root, "journeys/out/debrief"));
  await look.at("debrief", olu.page, { whole: true });
  expect(look.findings).toEqual([]);

  // In secret first: hidden from each other until both have handed in.
  await ask(z.object({}), "PATCH", `/rooms/${room.id}/guide`, { independent: true });
  await kim.sees("button", "Hand in my feedback");
  await kim.page.waitForFunction(`!document.body.innerText.includes("All of this") && !document.body.innerText.includes("Olu's words")`);
  await kim.fill("Comment", "Only mine so far");
  await kim.click("button", "Post");
  await kim.click("button", "Hand in my feedback");
  await kim.reads("1 of 2 have handed in.");
  await olu.reads("1 of 2 have handed in.");
  expect(await olu.page.evaluate(() => document.body.innerText)).not.toContain("Only mine so far");
  await olu.click("button", "Hand in my feedback");
  await olu.reads("Only mine so far");
  await kim.reads(/Olu's words/);
  const { sights, reviewers } = await ask(Feedback, "GET", `/recordings/${id}/feedback`);
  expect(reviewers.map(({ name }) => name)).toEqual(["Olu", "Kim"]);
  expect(sights.length).toBeGreaterThanOrEqual(2);

  // The link is ended: whoever came by it is sent away.
  await ask(z.object({}), "GET", `/rooms/${room.id}/guide`);
  expect((await stage.api.as(room.hostKey).ask("DELETE", `/shares/${share.id}`)).status).toBe(204);
  await kim.reads("This link is no longer valid.");
  expect(await olu.page.title()).not.toBe("taken");
  expect([...olu.complaints, ...kim.complaints].filter((one) => !/WebSocket|409|Failed to load resource/.test(one))).toEqual([]);
});
