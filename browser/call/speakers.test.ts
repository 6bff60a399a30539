import { expect, test } from "vitest";
import { leadOf, Speakers } from "./speakers.ts";

const levels = (asha: number, ben: number) =>
  new Map([
    ["asha", asha],
    ["ben", ben],
  ]);

test("somebody lights up at once and stays through a short pause", () => {
  const speakers = new Speakers();
  expect([...speakers.look(levels(0.3, 0), 0)]).toEqual(["asha"]);
  expect([...speakers.look(levels(0, 0), 1000)]).toEqual(["asha"]);
  expect([...speakers.look(levels(0, 0.1), 2000)]).toEqual(["ben"]);
});

test("while nothing changes it is the same set", () => {
  const speakers = new Speakers();
  const first = speakers.look(levels(0.3, 0.001), 0);
  expect(speakers.look(levels(0.2, 0.001), 200)).toBe(first);
});

test("whoever left speaks no more", () => {
  const speakers = new Speakers();
  speakers.look(levels(0.3, 0), 0);
  expect([...speakers.look(new Map([["ben", 0]]), 100)]).toEqual([]);
});

test("the large place goes to whoever speaks longest, stays through silence, and is never one's own", () => {
  const speaking = (...ids: string[]) => new Set(ids);
  expect(leadOf(null, speaking(), "me")).toBeNull();
  expect(leadOf(null, speaking("me"), "me")).toBeNull();
  expect(leadOf(null, speaking("me", "asha", "ben"), "me")).toBe("asha");
  expect(leadOf("asha", speaking("ben", "asha"), "me")).toBe("asha");
  expect(leadOf("asha", speaking("ben"), "me")).toBe("ben");
  expect(leadOf("ben", speaking(), "me")).toBe("ben");
});
