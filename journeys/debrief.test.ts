// A debrief: two reviewers in two browsers, one of them by a link with a passphrase.
import { expect, test } from "vitest";
import type * as z from "zod/mini";
import { Share } from "../protocol/feedback.ts";
import type { Person } from "./rig/person.ts";
import { recorded } from "./rig/recorded.ts";
import { Stage } from "./rig/stage.ts";

const durationMs = 9000;

/** Types into whatever has the focus. */
const type = (person: Person, text: string) => person.page.keyboard.type(text);
const hostile = `<img src=x onerror="document.title='taken'"> {{name}} \u202Eevil`;

test("a comment written while the film plays pauses it and is at once with a guest behind a passphrase, as text", async () => {
  const stage = await Stage.open();
  const { room, id } = await recorded(stage.server, durationMs);
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
  await olu.page.keyboard.press("Enter");
  // Without its last word, which is turned round on the screen.
  await kim.reads(hostile.slice(0, hostile.indexOf(" \u202E")));
  const [first] = (await stage.api.comments(id)).items;
  expect(first).toMatchObject({ body: hostile, author: "Olu" });
  expect(first?.atMs).toBeGreaterThan(0);

  expect(await olu.page.title()).not.toBe("taken");
  expect([...olu.complaints, ...kim.complaints].filter((one) => !/WebSocket|409|Failed to load resource/.test(one))).toEqual([]);
});
