import { afterEach, expect, test, vi } from "vitest";
import { identityOf } from "../../call/identity.ts";
import { name } from "../name.ts";
import { handoverUrl, takeOver } from "./handover.ts";

afterEach(() => vi.unstubAllGlobals());

const storage = () => {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
};

/** A tab of another device at this address; what its address bar shows afterwards. */
function opened(url: string): string {
  const { hash, pathname, search, origin } = new URL(url);
  let shown = "";
  vi.stubGlobal("sessionStorage", storage());
  vi.stubGlobal("localStorage", storage());
  const history = { replaceState: (_state: unknown, _title: string, to: string) => (shown = to) };
  vi.stubGlobal("window", { location: { hash, pathname, search, origin }, history });
  takeOver();
  return shown || pathname + hash;
}

const asha = { id: "par_1", secret: "s3cret/+=", name: "Asha & Ben “é”" };

function urlOf(): string {
  vi.stubGlobal("window", { location: { origin: "https://d.example" } });
  return handoverUrl("room_1", "the key", asha);
}

test("whoever opens the handed address is that person, and the address bar shows the room's link only", () => {
  expect(opened(urlOf())).toBe("/r/room_1#the%20key");
  expect(identityOf("room_1")).toEqual({ id: asha.id, secret: asha.secret });
  expect(name.value).toBe(asha.name);
});

test("an address with a torn end is the room's link, and nobody's", () => {
  const warned = vi.spyOn(console, "warn").mockReturnValue();
  expect(opened(urlOf().slice(0, -12))).toBe("/r/room_1#the%20key");
  expect(identityOf("room_1")).toBeNull();
  expect(warned).toHaveBeenCalled();
});

test("a room's own link is left as it is", () => {
  expect(opened("https://d.example/r/room_1#key")).toBe("/r/room_1#key");
  expect(identityOf("room_1")).toBeNull();
});
