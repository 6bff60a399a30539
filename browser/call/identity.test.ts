import { beforeEach, expect, test, vi } from "vitest";

class FakeStorage {
  readonly items = new Map<string, string>();
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
}

/** What all tabs of a browser share. */
let device: FakeStorage;
let locks: Set<string>;

beforeEach(() => {
  device = new FakeStorage();
  locks = new Set();
});

/** A fresh page: its own tab storage and its own modules. */
async function tab(session = new FakeStorage()) {
  vi.resetModules();
  const mine = new Set<string>();
  const request = async (name: string, _options: object, held: (lock: object | null) => unknown) => {
    const free = !locks.has(name);
    if (free) {
      locks.add(name);
      mine.add(name);
    }
    await held(free ? {} : null);
  };
  const enter = () => {
    vi.stubGlobal("sessionStorage", session);
    vi.stubGlobal("localStorage", device);
    const query = async () => ({ held: [...locks].map((name) => ({ name })) });
    vi.stubGlobal("navigator", { locks: { request, query } });
  };
  enter();
  const identity = await import("./identity.ts");
  const die = () => {
    for (const name of mine) locks.delete(name);
  };
  return { ...identity, session, enter, die };
}

const asha = { id: "par_1", secret: "s" };

test("a reload stays the same participant", async () => {
  const before = await tab();
  before.keepIdentity("room", asha, "Asha");
  const after = await tab(before.session);
  expect(after.identityOf("room")).toEqual(asha);
});

test("who comes back under the same name after a crash is the same participant", async () => {
  const crashed = await tab();
  crashed.keepIdentity("room", asha, "Asha");
  crashed.die();
  const next = await tab();
  await next.recallIdentity("room", "Asha");
  expect(next.identityOf("room")).toEqual(asha);
});

test("another tab under the same name is the same participant, and is told beforehand", async () => {
  const first = await tab();
  first.keepIdentity("room", asha, "Asha");
  expect(await first.namesElsewhere("room")).toEqual([]);
  const second = await tab();
  expect(await second.namesElsewhere("room")).toEqual(["Asha"]);
  await second.recallIdentity("room", "Asha");
  expect(second.identityOf("room")).toEqual(asha);
});

test("of two under one name the tab that died is taken up, not the one that lives", async () => {
  const crashed = await tab();
  crashed.keepIdentity("room", asha, "Asha");
  const living = await tab();
  living.keepIdentity("room", { id: "par_2", secret: "t" }, "Asha");
  crashed.die();
  const next = await tab();
  expect(await next.namesElsewhere("room")).toEqual(["Asha"]);
  await next.recallIdentity("room", "Asha");
  expect(next.identityOf("room")).toEqual(asha);
});

test("another name or another room is somebody else", async () => {
  const first = await tab();
  first.keepIdentity("room", asha, "Asha");
  const second = await tab();
  await second.recallIdentity("room", "Ben");
  await second.recallIdentity("attic", "Asha");
  expect(second.identityOf("room")).toBeNull();
});

test("who left on purpose is not taken up by the next one at the device", async () => {
  const first = await tab();
  first.keepIdentity("room", asha, "Asha");
  first.forgetIdentity("room");
  first.die();
  const second = await tab();
  await second.recallIdentity("room", "Asha");
  expect(second.identityOf("room")).toBeNull();
  expect(first.session.items.size).toBe(1);
});
