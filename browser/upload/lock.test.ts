import { afterEach, expect, test, vi } from "vitest";
import { hold } from "./lock.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

type Given = (lock: object | null) => unknown;

const locks = (request: (name: string, options: { ifAvailable: boolean }, given: Given) => Promise<unknown>) =>
  vi.stubGlobal("navigator", { locks: { request } });

test("a lock is held until it is let go, and one that another tab holds is not given", async () => {
  let held: Promise<unknown> | null = null;
  locks(async (_, { ifAvailable }, given) => {
    if (held && ifAvailable) return given(null);
    await held;
    held = given({}) as Promise<void>;
    return held;
  });
  const release = await hold("trk", false);
  expect(await hold("trk", false)).toBeNull();
  const second = hold("trk", true);
  release?.();
  expect(await second).toBeTypeOf("function");
});

test.each([
  ["where the browser blocks storage for this page", () => locks(() => Promise.reject(new DOMException("blocked", "SecurityError")))],
  ["where the browser has none", () => vi.stubGlobal("navigator", {})],
])("%s nobody else can hold a track, and recording goes on without a lock", async (_, blocked) => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  blocked();
  const release = await hold("trk", false);
  expect(release).toBeTypeOf("function");
  release?.();
});
