// What can be watched of one recording: captions, marked moments, on a narrow screen.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CreatedRoom } from "../protocol/api.ts";
import { makeFootage } from "./rig/footage.ts";
import { poll } from "./rig/poll.ts";
import { Sender } from "./rig/sender.ts";
import { Stage } from "./rig/stage.ts";

const durationMs = 14_000;
let stage: Stage;
let room: CreatedRoom;
let id: string;

const tools = mkdtempSync(join(tmpdir(), "views-"));

/** In place of a whisper.cpp program: says what it was given, so that it shows on the page whether that was a track's own sound. */
function standIn(): Record<string, string> {
  const program = join(tools, "whisper-cli");
  writeFileSync(
    program,
    `#!/bin/sh
while [ "$1" != -f ]; do shift; done
rate=$(od -A n -t u4 -j 24 -N 4 "$2" | tr -d ' ')
channels=$(od -A n -t u2 -j 22 -N 2 "$2" | tr -d ' ')
while [ "$1" != -of ]; do shift; done
printf 'WEBVTT\\n\\n00:00:02.000 --> 00:00:09.000\\n <img> heard %s Hz, %s channel\\n' "$rate" "$channels" > "$2.vtt"
`,
  );
  chmodSync(program, 0o755);
  writeFileSync(join(tools, "model.bin"), "x");
  return { DOUBLETAKE_WHISPER_MODEL: join(tools, "model.bin"), DOUBLETAKE_WHISPER_PROGRAM: program };
}

beforeAll(async () => {
  stage = await Stage.share(standIn());
  room = await stage.api.createRoom("Views");
  const people = await Promise.all(["Asha", "Ben"].map((name) => Sender.join(stage.server.url, room, room.hostKey, name)));
  people[0]!.call.say({ type: "record" });
  const { recording } = await people[0]!.call.hears("recording");
  id = recording.id;
  const startMs = performance.timeOrigin + performance.now();
  people[0]!.call.say({ type: "bookmark" });
  for (const [index, person] of people.entries()) {
    const { line } = await person.openTrack(id);
    const footage = await makeFootage({ participant: index + 1, durationMs, trueMs: startMs, width: 320, height: 180 });
    const { segment } = await person.sendSegment(line, footage, startMs);
    line.say({ type: "end", segments: [segment] });
    await line.hears("ended");
  }
  await poll(() => performance.timeOrigin + performance.now() > startMs + durationMs, { what: "the footage's time has passed" });
  await stage.api.stop(id);
  await stage.api.settles(id);
}, 120_000);
afterAll(async () => {
  await stage?.close();
  rmSync(tools, { recursive: true, force: true });
});

test("what a model heard stands over the film as text, is mended in place, and leads to its moment; marks are chapters", async () => {
  const browser = await stage.browser("chromium");
  const [asha, ben] = [await stage.person(browser, 5), await stage.person(browser, 6)];
  const address = `${stage.server.url}/v/${id}#`;
  await asha.page.setViewport({ width: 360, height: 740 });
  await asha.page.goto(address + room.hostKey);
  await asha.reads("<img> heard 16000 Hz, 1 channel");
  await asha.sees("button", "Captions");
  await ben.page.goto(address + room.guestKey);
  await ben.reads("<img> heard 16000 Hz, 1 channel");
  await ben.page.click(".caption .act");
  await ben.page.waitForSelector(".caption-form textarea");
  await ben.page.$eval(".caption-form textarea", (field) => (field as HTMLTextAreaElement).select());
  await ben.page.keyboard.type("Mended by Ben");
  await ben.page.keyboard.press("Enter");
  await asha.reads("Mended by Ben");
  await asha.page.click(".caption-words");
  await asha.page.waitForSelector(".caption-lines");
  expect(await asha.page.$eval(".caption-lines", (lines) => lines.textContent)).toContain("Mended by Ben");
  expect(await asha.page.$eval('video[aria-label="Recording"]', (film) => (film as HTMLVideoElement).currentTime)).toBeCloseTo(2, 1);
  expect(await asha.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await asha.page.$$eval(".chapter", (chapters) => chapters.length)).toBeGreaterThan(0);
  await asha.page.focus(".timeline > input");
  await asha.page.keyboard.press("ArrowRight");
  const picture = await asha.page.waitForSelector(".timeline-picture");
  expect(await picture?.evaluate((element) => getComputedStyle(element).backgroundImage)).toContain("/thumbnails/0.jpg");
  await asha.page.goto(`${stage.server.url}/#admin=${stage.api.key}`);
  await asha.sees("list", "Recordings");
  expect(await asha.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
