import type { VNode } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Announcer, announce, retract } from "./announce.tsx";

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
});
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What the region holds: a new element is new to whoever listens, whatever it says. */
function heard() {
  const { children } = (Announcer() as VNode<{ children: VNode<{ children: string }> }>).props;
  return { words: children.props.children, element: children.key };
}

test("news that comes at once is read one after the other, and none is lost", () => {
  for (const words of ["one", "two", "three"]) announce(words);
  const read = [0, 2000, 2000].map((ms) => {
    vi.advanceTimersByTime(ms);
    return heard().words;
  });
  expect(read).toEqual(["one", "two", "three"]);
});

test("the same words are read again", () => {
  announce("again");
  const first = heard();
  announce("again");
  vi.advanceTimersByTime(2000);
  expect(heard().words).toBe("again");
  expect(heard().element).not.toBe(first.element);
});

test("of more than anybody listens to the oldest give way", () => {
  for (let n = 0; n <= 20; n++) announce(`news ${n}`);
  vi.advanceTimersByTime(2000);
  expect(heard().words).toBe("news 11");
});

test("what was read long ago is not found on the page any more, and the next news is read", () => {
  announce("muted");
  vi.advanceTimersByTime(3000);
  expect(heard().words).toBe("muted");
  vi.advanceTimersByTime(2000);
  expect(heard().words).toBe("");
  announce("heard again");
  expect(heard().words).toBe("heard again");
});

test("what is over before it was read is not read, and what was read is gone from the page", () => {
  for (const words of ["first", "gone", "back"]) announce(words);
  retract("gone");
  retract("first");
  expect(heard().words).toBe("");
  vi.advanceTimersByTime(2000);
  expect(heard().words).toBe("back");
});
