import { beforeEach, expect, test, vi } from "vitest";
import { handleKey } from "./keys.ts";
import type { Playback } from "./playback.ts";

class Element {
  readonly classList: { contains: (name: string) => boolean };
  constructor(
    readonly tagName: string,
    name = "",
  ) {
    this.classList = { contains: (one) => one === name };
  }
}
beforeEach(() => void vi.stubGlobal("HTMLElement", Element));

/** What a key did to the film; null: nothing, and it is left to whoever else wants it. */
function press(key: string, change: object = {}, target = new Element("DIV")): unknown[] | null {
  const did: unknown[] = [];
  const act =
    (name: string) =>
    (...how: unknown[]) =>
      void did.push(name, ...how);
  const playback = {
    ...Object.fromEntries(["skip", "step", "toggle", "changeSpeed", "toggleMuted", "seek", "goLive"].map((name) => [name, act(name)])),
    edgeMs: { value: null },
    lengthMs: { value: 90_000 },
    ...change,
  } as unknown as Playback;
  const acts = { fullScreen: act("full screen"), person: act("person"), captions: act("captions") };
  const event = { key, target, getModifierState: () => false, ...change } as unknown as KeyboardEvent;
  return handleKey(event, playback, acts) ? did : null;
}

test("in the player every key does what the list says", () => {
  expect([",", ".", "ArrowLeft", "ArrowRight", "j", "l", "k", " "].map((key) => press(key))).toEqual([
    ["step", -1],
    ["step", 1],
    ["skip", -5000],
    ["skip", 5000],
    ["skip", -15_000],
    ["skip", 15_000],
    ["toggle"],
    ["toggle"],
  ]);
  expect(["[", "]", "m", "f", "t", "0", "9", "Home", "End"].map((key) => press(key))).toEqual([
    ["changeSpeed", -1],
    ["changeSpeed", 1],
    ["toggleMuted"],
    ["full screen"],
    ["captions"],
    ["person", 0],
    ["person", 9],
    ["seek", 0],
    ["seek", 90_000],
  ]);
  expect(press("ArrowRight", { shiftKey: true })).toEqual(["skip", 15_000]);
  expect(press("End", { edgeMs: { value: 5000 } })).toEqual(["goLive"]);
});

test("the page's own letters are left to the page", () => {
  for (const key of ["i", "o", "n", "N", "e", "b", "c"]) expect(press(key)).toBeNull();
});

test("a menu keeps its keys, the volume its arrows, a button its Space", () => {
  for (const key of [",", "ArrowDown", "k", "1"]) expect(press(key, {}, new Element("SELECT"))).toBeNull();
  const volume = new Element("INPUT", "film-volume-slider");
  expect([press("ArrowLeft", {}, volume), press(",", {}, volume)]).toEqual([null, ["step", -1]]);
  const button = new Element("BUTTON");
  expect([press(" ", {}, button), press("k", {}, button)]).toEqual([null, ["toggle"]]);
});

test("the browser's own keys stay the browser's, and a bracket on the third level is a bracket", () => {
  for (const held of ["ctrlKey", "altKey", "metaKey"]) expect(press("l", { [held]: true })).toBeNull();
  expect(press("[", { ctrlKey: true, altKey: true, getModifierState: (name: string) => name === "AltGraph" })).toEqual(["changeSpeed", -1]);
});
