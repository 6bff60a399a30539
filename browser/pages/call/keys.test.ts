import { expect, test } from "vitest";
import { deedOf, type Key } from "./keys.ts";

const key = (name: string, change: Partial<Key> = {}): Key => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...change,
});
const all = ["m", "v", "r", "b", "c", "p", "s", "h", "l", "n", "?", " ", "1", "9"];

test("single keys do what the sheet says, in either case", () => {
  expect(all.map((name) => deedOf(key(name), "page", true))).toEqual([
    ...["microphone", "camera", "record", "bookmark", "chat", "people", "screen", "hand", "leave", "notes", "keys", "talk"],
    { pin: 1 },
    { pin: 9 },
  ]);
  expect(deedOf(key("M"), "page", true)).toBe("microphone");
});

test("while somebody writes no single key fires, and none when they are switched off", () => {
  for (const name of all) {
    expect(deedOf(key(name), "text", true)).toBeNull();
    expect(deedOf(key(name), "page", false)).toBeNull();
  }
});

test("with Control the microphone and the camera answer everywhere", () => {
  expect(deedOf(key("d", { ctrlKey: true }), "text", false)).toBe("microphone");
  expect(deedOf(key("e", { metaKey: true }), "page", true)).toBe("camera");
  expect(deedOf(key("c", { ctrlKey: true }), "page", true)).toBeNull();
});

test("Space on a button presses the button, and a key that is held is pressed once", () => {
  expect(deedOf(key(" "), "control", true)).toBeNull();
  expect(deedOf(key("m"), "control", true)).toBe("microphone");
  expect(deedOf(key("m", { repeat: true }), "page", true)).toBeNull();
});
