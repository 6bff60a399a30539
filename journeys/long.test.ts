// A recording that goes on for long: one recorder follows another while it runs, and the film shows nothing of it.
import { expect, onTestFinished, test } from "vitest";
import { between, intervalsOf, percentile, soundLags } from "./rig/measure.ts";
import { poll } from "./rig/poll.ts";
import { inTurn } from "./rig/processes.ts";
import { adminKey } from "./rig/server.ts";
import { Speaker } from "./rig/speaker.ts";
import { Stage } from "./rig/stage.ts";

/** Chunks come so often that ten minutes' worth of them is here within half a minute. */
const hurried = `{
  const { start } = MediaRecorder.prototype;
  MediaRecorder.prototype.start = function () {
    return start.call(this, 30);
  };
}`;

/** A picture of the film. */
const frameMs = 1000 / 30;

test.each(["chromium", "firefox"] as const)("in %s a segment follows another without a picture or a word missing", async (kind) => {
  const speaker = kind === "firefox" ? await Speaker.open() : null;
  // Closed after the stage, whose browser plays to it.
  onTestFinished(async () => await speaker?.close());
  const stage = await Stage.open();
  const browser = await stage.browser(kind, speaker ? { speaker } : {});
  // Beeps are late for two seconds wherever the machine lets the graph stand still (camera.ts).
  const order = inTurn({ browsers: [browser, speaker].flatMap((it) => it?.pid ?? []), server: stage.server.pid });
  onTestFinished(() => order.close());
  const asha = await stage.person(browser, 1);
  await asha.page.evaluateOnNewDocument(hurried);
  await asha.page.goto(`${stage.server.url}/#admin=${adminKey}`);
  await asha.click("link", "Record yourself");
  await asha.plays("Preview");
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf();
  const segments = async () => (await stage.api.timeline(id)).tracks.flatMap((track) => track.segments);
  await poll(async () => (await segments()).length > 1, { what: "a second segment", limitMs: 180_000 });
  await stage.filmed(id, (await segments())[1]!.startMs + 4000);
  await asha.click("button", "Stop");
  const recording = await stage.api.settles(id);
  expect(recording.problems).toEqual([]);
  const [first, second] = await segments();
  expect(second!.startMs).toBeLessThan(first!.endMs);
  const film = await stage.film(id);
  const joinMs = second!.startMs;
  const around = intervalsOf(between(film, joinMs - 500, joinMs + 1500), 0, 1);
  const alone = intervalsOf(between(film, 1000, joinMs - 500), 0, 1);
  // Never back, and no further on than where one recorder ran alone: by the camera's picture and the film's.
  expect(Math.min(...around)).toBeGreaterThan(0);
  expect(Math.max(...around)).toBeLessThanOrEqual(Math.max(...alone) + frameMs);
  const lags = soundLags(film, between(film, joinMs - 3000, joinMs + 3000), 0, 1);
  expect(lags.length).toBeGreaterThanOrEqual(5);
  expect(percentile(lags.map(Math.abs), 90)).toBeLessThanOrEqual(30);
});
