import { expect, test } from "vitest";
import type { CallUp } from "../../../protocol/call.ts";
import { Tally } from "./tally.ts";

const upload = { recording: `rec_${"0".repeat(26)}`, source: "camera" as const, bytesKept: 700 };

test("only the time that was recorded is counted", () => {
  const tally = new Tally();
  const said: CallUp[] = [];
  for (const [nowMs, running] of [
    [0, true],
    [1000, true],
    [1500, false],
    [9000, true],
    [9400, true],
  ] as const)
    tally.count(upload.recording, "camera", running, nowMs);
  tally.tell([upload], (message) => said.push(message) > 0);
  expect(said).toEqual([{ type: "kept", recording: upload.recording, source: "camera", bytes: 700, durationMs: 1900 }]);
});

test("the same is told once, and again when it could not be said or the socket is new", () => {
  const tally = new Tally();
  let said = 0;
  const say = (works: boolean) => () => {
    said += 1;
    return works;
  };
  tally.tell([upload], say(false));
  tally.tell([upload], say(true));
  tally.tell([upload], say(true));
  expect(said).toBe(2);
  tally.again();
  tally.tell([upload], say(true));
  expect(said).toBe(3);
});
