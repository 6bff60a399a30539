// The clocks say when it was; what people heard of one another says whether the clocks are right.
import { expect, test } from "vitest";
import type { Recording } from "../protocol/api.ts";
import { absolute, between, percentile, skewsOf } from "./rig/measure.ts";
import { poll } from "./rig/poll.ts";
import { Stage } from "./rig/stage.ts";
import { voiceSource } from "./rig/voice.ts";

/** Something between this page and the server that shifts every answer to a ping alike: no round trip can show it. */
const shiftedClock = (byMs: number) => `(() => {
  const native = Object.getOwnPropertyDescriptor(MessageEvent.prototype, "data");
  Object.defineProperty(MessageEvent.prototype, "data", { get() {
    const data = native.get.call(this);
    if (typeof data !== "string" || !data.includes('"pong"')) return data;
    const message = JSON.parse(data);
    return JSON.stringify({ ...message, serverMs: message.serverMs + ${byMs} });
  } });
})()`;

interface Talk {
  stage: Stage;
  /** As it was when it had been judged; both have stopped since, and everything is safe. */
  recording: Recording;
}

/** Two people talk for a while; Ben's clock is compared with one that is wrong by so much. */
async function talk(options: { shiftMs: number; until: (recording: Recording) => boolean }): Promise<Talk> {
  const stage = await Stage.open();
  const room = await stage.api.createRoom("By ear");
  const browser = await stage.browser("chromium");
  const small = { width: 320, height: 180 };
  const [asha, ben] = [await stage.person(browser, 1, small), await stage.person(browser, 2, small)];
  for (const person of [asha, ben]) await person.page.evaluateOnNewDocument(voiceSource({ seed: person.number }));
  if (options.shiftMs !== 0) await ben.page.evaluateOnNewDocument(shiftedClock(options.shiftMs));
  await asha.join(room.hostUrl, { name: "Asha" });
  await ben.join(room.guestUrl, { name: "Ben" });
  await asha.watches("Ben");
  await ben.watches("Asha");
  await asha.click("button", "Record");
  const { id } = await stage.api.recordingOf(room.id);
  await stage.filmed(id, 12_800);
  const judged = async () => {
    const now = await stage.api.recording(id);
    return options.until(now) && now;
  };
  const recording = await poll(judged, { what: "what was heard is judged", limitMs: 60_000, everyMs: 500 });
  await asha.click("button", "Stop recording");
  await asha.readsSafe();
  await ben.readsSafe();
  return { stage, recording };
}

const hearings = (recording: Recording) => recording.tracks.map(({ hearing }) => hearing?.verdict ?? "none").toSorted();

test("a clock that is wrong without showing it is put right by what the two heard of each other", { retry: 2 }, async () => {
  const { stage, recording: judged } = await talk({ shiftMs: 200, until: (now) => hearings(now).includes("corrected") });
  const recording = await stage.api.settles(judged.id);
  const film = await stage.film(recording.id);
  const skews = absolute(skewsOf(between(film, 1000, recording.durationMs - 1000), 1, 1, 2, true));
  console.log(
    JSON.stringify(recording.tracks.map(({ clock, hearing }) => ({ clock, hearing }))),
    `|left − right| p50 ${percentile(skews, 50)}`,
  );
  expect(hearings(recording)).toContain("corrected");
  const moved = recording.tracks.map(({ hearing }) => Math.abs(hearing?.correctionMs ?? 0));
  expect(Math.abs(Math.max(...moved) - 200)).toBeLessThan(40);
  // Uncorrected it would be 200 ms.
  expect(percentile(skews, 50)).toBeLessThanOrEqual(60);
});

test("clocks that are right are confirmed by what was heard, and nothing is moved", { retry: 2 }, async () => {
  const { recording } = await talk({ shiftMs: 0, until: (now) => hearings(now).join() === "confirmed,confirmed" });
  console.log(JSON.stringify(recording.tracks.map(({ clock, hearing }) => ({ clock, hearing }))));
  expect(recording.tracks.map(({ hearing }) => [hearing?.verdict, hearing?.correctionMs])).toEqual([
    ["confirmed", 0],
    ["confirmed", 0],
  ]);
});
