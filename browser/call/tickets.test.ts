import { expect, test } from "vitest";
import type { CallUp } from "../../protocol/call.ts";
import { Tickets } from "./tickets.ts";

test("one question to the server serves everybody who asks the same", async () => {
  const sent: CallUp[] = [];
  const tickets = new Tickets((message) => sent.push(message));
  const both = [tickets.ask("rec", "camera"), tickets.ask("rec", "camera")];
  tickets.take({ type: "track", recording: "rec", source: "camera", track: "trk", token: "t" });
  expect(await Promise.all(both)).toEqual([
    { recording: "rec", track: "trk", token: "t" },
    { recording: "rec", track: "trk", token: "t" },
  ]);
  expect(sent.length).toBe(1);
});

test("an open question is asked again on the next socket, an answered one is not", async () => {
  const sent: CallUp[] = [];
  const tickets = new Tickets((message) => sent.push(message));
  const camera = tickets.ask("rec", "camera");
  void tickets.ask("rec", "screen");
  tickets.take({ type: "track", recording: "rec", source: "camera", track: "trk", token: "t" });
  await camera;
  sent.length = 0;
  tickets.askAgain();
  expect(sent).toEqual([{ type: "track", recording: "rec", source: "screen" }]);
});

test("a refusal meant for Record leaves the question open", async () => {
  const tickets = new Tickets(() => undefined);
  const ticket = tickets.ask("rec", "camera");
  tickets.refuse("already-recording", "It records already.");
  tickets.take({ type: "track", recording: "rec", source: "camera", track: "trk", token: "t" });
  expect((await ticket).track).toBe("trk");
});

test("a refusal of the track rejects with the server's sentence", async () => {
  const tickets = new Tickets(() => undefined);
  const ticket = tickets.ask("rec", "camera");
  tickets.refuse("not-recording", "This recording is over.");
  await expect(ticket).rejects.toThrow("This recording is over.");
});
