import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { statusWith } from "./status.fixture.ts";

const asks = new Set<unknown>();
const unfrozen = vi.fn();
vi.stubGlobal("window", {
  addEventListener: (_: string, listener: unknown) => asks.add(listener),
  removeEventListener: (_: string, listener: unknown) => asks.delete(listener),
});
vi.mock("../upload/unfrozen.ts", () => ({ keepUnfrozen: unfrozen }));
const { statuses } = await import("./uploads.ts");
afterAll(() => vi.unstubAllGlobals());

const recording = statusWith({ state: "recording", bytesSafe: 4_000_000 });

beforeEach(() => {
  statuses.value = [];
});

test("the tab asks before it closes while something is not sealed on the server, and not in a pause in which everything is", () => {
  statuses.value = [recording];
  expect(asks.size).toBe(1);
  statuses.value = [{ ...recording, pending: false }];
  expect(asks.size).toBe(0);
  statuses.value = [{ ...recording, state: "offline" }];
  expect(asks.size).toBe(1);
});

test("what the server refused for good and this device keeps keeps no tab from closing, what only the tab keeps does", () => {
  statuses.value = [{ ...recording, state: "refused" }];
  expect(asks.size).toBe(0);
  statuses.value = [{ ...recording, state: "refused", storage: "memory" }];
  expect(asks.size).toBe(1);
});

test.each(["sending", "offline", "disk-full"] as const)("a page that is %s is kept from being frozen", (state) => {
  statuses.value = [{ ...recording, state }];
  expect(unfrozen).toHaveBeenLastCalledWith(true);
});

test.each(["recording", "refused", "safe"] as const)("a page that is %s is not", (state) => {
  statuses.value = [{ ...recording, state }];
  expect(unfrozen).toHaveBeenLastCalledWith(false);
});
