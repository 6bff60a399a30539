import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** As much of an element as the keys look at. */
class Element {
  readonly isContentEditable: boolean;
  constructor(
    readonly tagName: string,
    readonly more: { editable?: boolean; within?: string } = {},
  ) {
    this.isContentEditable = more.editable ?? false;
  }
  closest(name: string): Element | null {
    return this.more.within === name ? this : null;
  }
}
class Input extends Element {
  constructor(readonly type: string) {
    super("INPUT");
  }
}

let hear: ((event: object) => void) | null = null;
const kept = new Map<string, string>();
beforeEach(() => {
  vi.resetModules();
  kept.clear();
  vi.stubGlobal("HTMLElement", Element);
  vi.stubGlobal("HTMLInputElement", Input);
  vi.stubGlobal("localStorage", { getItem: (slot: string) => kept.get(slot) ?? null });
  vi.stubGlobal("document", {
    addEventListener: (_: string, heard: typeof hear) => (hear = heard),
    removeEventListener: (_: string, heard: typeof hear) => (hear = hear === heard ? null : hear),
  });
});
afterEach(() => vi.unstubAllGlobals());

const page = new Element("BODY");
const names = ["c", "n", "N", "e", "i", "o", "b", "B"];

/** What the keys of the page did, in order. `prevented`: how many of them nobody else is to hear. */
async function listening() {
  const { listenToKeys } = await import("./shortcuts.tsx");
  const done: string[] = [];
  const stop = listenToKeys(Object.fromEntries(names.map((name) => [name, () => void done.push(name)])));
  let prevented = 0;
  const press = (key: string, change: object = {}, target: Element = page) =>
    hear?.({ key, shiftKey: /^[A-Z]$/.test(key), target, preventDefault: () => prevented++, ...change });
  return { done, press, stop, prevented: () => prevented };
}

test("every key does its own, and with Shift the other one", async () => {
  const { done, press, prevented } = await listening();
  for (const key of names) press(key);
  expect([done, prevented()]).toEqual([names, names.length]);
  press("x");
  press("C");
  expect([done.length, prevented()]).toEqual([names.length, names.length]);
});

test("Caps Lock turns no key into another one", async () => {
  const { done, press } = await listening();
  press("N", { shiftKey: false });
  press("n", { shiftKey: true });
  expect(done).toEqual(["n", "N"]);
});

test("no key means anything while somebody types, chooses or is asked something", async () => {
  const { done, press } = await listening();
  const typing = [
    new Element("TEXTAREA"),
    new Element("SELECT"),
    new Input("text"),
    new Input("search"),
    new Input("number"),
    new Element("DIV", { editable: true }),
    new Element("BUTTON", { within: "dialog" }),
  ];
  for (const target of typing) for (const key of names) press(key, {}, target);
  expect(done).toEqual([]);
});

test("on a button, a box to tick or the timeline they mean what they mean elsewhere", async () => {
  const { done, press } = await listening();
  for (const target of [new Element("BUTTON"), new Input("checkbox"), new Input("range")]) press("n", {}, target);
  expect(done).toEqual(["n", "n", "n"]);
});

test("what belongs to the browser, is held down, or was dealt with is left alone", async () => {
  const { done, press, stop } = await listening();
  for (const change of ["ctrlKey", "metaKey", "altKey", "repeat", "defaultPrevented"]) press("n", { [change]: true });
  expect(done).toEqual([]);
  stop();
  expect(hear).toBeNull();
});

test("switched off, none of them does anything", async () => {
  kept.set("doubletake.single-keys", "off");
  const { done, press } = await listening();
  for (const key of names) press(key);
  expect(done).toEqual([]);
});
