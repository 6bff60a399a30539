import { MessageChannel as Channel } from "node:worker_threads";
import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

/** Resolves once the page has had a few turns. */
async function pass(turns = 5): Promise<void> {
  const { port1, port2 } = new Channel();
  for (let turn = 0; turn < turns; turn++) {
    const passed = new Promise((resolve) => port1.once("message", resolve));
    port2.postMessage(null);
    await passed;
  }
  port1.close();
}

test("a page that has turns knows of one that was just now, and one that stood still of none since", async () => {
  let clockMs = 0;
  const turns = new Turns(() => clockMs);
  clockMs = 7;
  await pass();
  clockMs = 60;
  expect(turns.end()).toBe(7);
});

test("what comes together with a turn that was kept waiting may have waited as long", async () => {
  let clockMs = 0;
  const turns = new Turns(() => clockMs);
  // Beyond what it looks at: there is no other turn after this one.
  clockMs = 400;
  await pass();
  expect(turns.end()).toBe(0);
});

test("it asks for no turns for ever, and for none once it has ended", async () => {
  let looks = 0;
  const forever = new Turns(() => looks++ * 100);
  await pass(20);
  expect(looks).toBe(4);
  forever.end();
  const ended = new Turns(() => looks++);
  ended.end();
  const before = looks;
  await pass(20);
  expect(looks).toBeLessThanOrEqual(before + 1);
});
