import { afterEach, expect, test, vi } from "vitest";
import { isOn, remember, remembered, tab, turn } from "./remembered.ts";

function shelf({ full = false } = {}) {
  const kept = new Map<string, string>();
  return {
    getItem: (slot: string) => kept.get(slot) ?? null,
    setItem: (slot: string, text: string) => {
      if (full) throw new Error("QuotaExceededError");
      kept.set(slot, text);
    },
    removeItem: (slot: string) => kept.delete(slot),
  };
}

afterEach(() => {
  vi.unstubAllGlobals();
  remember("a", null);
});

test("what is remembered is there at the next visit, and can be forgotten", () => {
  vi.stubGlobal("localStorage", shelf());
  vi.stubGlobal("sessionStorage", shelf());
  remember("a", "one");
  remember("a", "two", tab);
  expect([remembered("a"), remembered("a", tab)]).toEqual(["one", "two"]);
  remember("a", null);
  expect([remembered("a"), remembered("a", tab)]).toEqual([null, "two"]);
});

test.each([
  ["closed", () => vi.stubGlobal("localStorage", undefined)],
  ["full", () => vi.stubGlobal("localStorage", shelf({ full: true }))],
])("in a browser whose storage is %s it holds for as long as the page is open", (_, happens) => {
  happens();
  expect(remembered("a")).toBeNull();
  remember("a", "one");
  expect(remembered("a")).toBe("one");
  remember("a", null);
  expect(remembered("a")).toBeNull();
});

test("a choice is on until it is switched off", () => {
  vi.stubGlobal("localStorage", shelf());
  expect(isOn("a")).toBe(true);
  turn("a", false);
  expect(isOn("a")).toBe(false);
  turn("a", true);
  expect(isOn("a")).toBe(true);
});
