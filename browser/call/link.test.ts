import { expect, test } from "vitest";
import { barsOf, LinkReader } from "./link.ts";

const pair = {
  type: "candidate-pair",
  id: "p",
  nominated: true,
  state: "succeeded",
  currentRoundTripTime: 0.04,
  availableOutgoingBitrate: 9e5,
};
const outbound = (bytesSent: number, qualityLimitationReason = "none") => ({
  type: "outbound-rtp",
  id: "o",
  bytesSent,
  qualityLimitationReason,
});
const inbound = (packetsReceived: number, packetsLost: number) => ({ type: "inbound-rtp", id: "i", packetsReceived, packetsLost });

test("a rate and a loss are of the time since the look before", () => {
  const reader = new LinkReader();
  const first = reader.read([pair, outbound(1_000_000), inbound(1000, 50)], 10_000);
  expect(first).toEqual({ roundTripMs: 40, loss: 0, sendBps: 0, availableBps: 9e5, limited: false });
  const second = reader.read([pair, outbound(1_200_000, "bandwidth"), inbound(1090, 60)], 12_000);
  expect(second).toEqual({ roundTripMs: 40, loss: 0.1, sendBps: 800_000, availableBps: 9e5, limited: true });
});

test("a picture that is coarse for want of bits on a way with room is not held small by the way", () => {
  const reader = new LinkReader();
  reader.read([pair, outbound(0)], 0);
  expect(reader.read([pair, outbound(60_000, "bandwidth")], 1000)).toMatchObject({ sendBps: 480_000, limited: false });
  expect(reader.read([{ ...pair, availableOutgoingBitrate: 5e5 }, outbound(120_000, "bandwidth")], 2000)).toMatchObject({ limited: true });
});

test("the worse direction counts, and what a browser does not say is null", () => {
  const reader = new LinkReader();
  const link = reader.read([{ type: "remote-inbound-rtp", id: "r", roundTripTime: 0.2, fractionLost: 0.07 }, inbound(10, 0)], 0);
  expect(link).toMatchObject({ roundTripMs: 200, loss: 0.07, availableBps: null });
  expect(new LinkReader().read([], 0)).toMatchObject({ roundTripMs: null, loss: 0 });
});

test("the round trip is what was heard last: sound tells of one every five seconds, pictures every second", () => {
  const back = (timestamp: number, roundTripTime?: number) => ({
    type: "remote-inbound-rtp",
    id: `${timestamp}`,
    timestamp,
    roundTripTime,
  });
  const heard = (...all: object[]) => new LinkReader().read([pair, ...all], 0).roundTripMs;
  expect(heard(back(1000, 0.3), back(5000, 0.05))).toBe(50);
  expect(heard(back(5000, 0.05), back(1000, 0.3))).toBe(50);
  expect(heard(back(6000), back(1000, 0.3))).toBe(300);
  expect(heard(back(6000))).toBe(40);
});

test("bars fall with the round trip and with what is lost", () => {
  expect([10, 200, 400, 900].map((roundTripMs) => barsOf({ roundTripMs, loss: 0 }))).toEqual([4, 3, 2, 1]);
  expect([0.01, 0.03, 0.1, 0.4].map((loss) => barsOf({ roundTripMs: 10, loss }))).toEqual([4, 3, 2, 1]);
});
