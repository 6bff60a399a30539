// One person alone: record, watch at once, watch from the server.
import { expect, test } from "vitest";
import { between, percentile, sharesOf, soundLags } from "./rig/measure.ts";
import { adminKey } from "./rig/server.ts";
import { Stage } from "./rig/stage.ts";

test("somebody records themselves, watches at once from memory, then from the server, and finds it on the first page", async () => {
  const stage = await Stage.open();
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1);
  await asha.page.goto(`${stage.server.url}/#admin=${adminKey}`);
  await asha.click("link", "Record yourself");
  await asha.plays("Preview");
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf();
  await stage.filmed(id, 3200);
  await asha.click("button", "Stop");
  await asha.plays("Your recording");
  const watch = await asha.hrefOf("Watch from the server");
  const recording = await stage.api.settles(id);
  expect(recording.problems).toEqual([]);
  expect(recording.tracks).toHaveLength(1);
  await asha.page.goto(watch);
  await asha.plays("Recording");

  const film = await stage.film(id);
  const middle = between(film, 1000, recording.durationMs - 500);
  expect(sharesOf(middle, 0)[0]?.[1]).toBeGreaterThan(0.97);
  expect(percentile(soundLags(film, middle, 0, 1).map(Math.abs), 90)).toBeLessThanOrEqual(30);

  await asha.page.goto(stage.server.url);
  const list = await asha.sees("list", "Recordings");
  expect(await list.$$eval("a[href^='/v/']", (links) => links.map((link) => link.getAttribute("href")))).toHaveLength(1);
});

test("New room makes a host link and a guest link that open the room", async () => {
  const stage = await Stage.open();
  const browser = await stage.browser("chromium");
  const asha = await stage.person(browser, 1);
  await asha.page.goto(`${stage.server.url}/#admin=${adminKey}`);
  await asha.click("button", "New room");
  const host = await asha.valueOf("Host link");
  const guest = await asha.valueOf("Guest link");
  expect(host).not.toBe(guest);
  expect(asha.page.url()).not.toContain(adminKey);
  expect(stage.server.log.split(adminKey).length - 1, "the admin key in the log").toBeLessThanOrEqual(1);
  await asha.join(host, { name: "Asha" });
  await asha.sees("button", "Record");
  await asha.join(guest, { name: "Asha" });
  await asha.seesNo("button", "Record");
});
