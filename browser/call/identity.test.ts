import { beforeEach, expect, test, vi } from "vitest";
import type { People } from "./people.ts";

class FakeStorage {
  readonly items = new Map<string, string>();
  removeItem = (key: string) => void this.items.delete(key);
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
}

/** What all tabs of a browser share: by room, and what versions before the database left. */
let database: Map<string, People>;
let older: FakeStorage;
let locks: Set<string>;

beforeEach(() => {
  database = new Map();
  older = new FakeStorage();
  locks = new Set();
  opened = [];
});

interface Opened {
  closed: boolean;
  onclose?: () => void;
  onversionchange?: () => void;
}
let opened: Opened[];

/** As much of IndexedDB as is used: everything happens a turn later, and a transaction is over when its requests are. */
const indexedDb = {
  open: () => {
    const store = {
      get: (room: string) => later({ result: database.get(room) }, "onsuccess"),
      put: (people: People, room: string) => void database.set(room, structuredClone(people)),
      delete: (room: string) => void database.delete(room),
    };
    const result = {
      closed: false,
      transaction: () => {
        if (result.closed) throw new DOMException("closing", "InvalidStateError");
        return later({ objectStore: () => store }, "oncomplete", 3);
      },
      close: () => {
        result.closed = true;
      },
    };
    opened.push(result);
    return later({ result }, "onsuccess");
  },
};

function later<T extends object>(target: T, event: string, turns = 1): T {
  const call = (left: number): void => {
    if (left > 0) setTimeout(call, 0, left - 1);
    else (target as Record<string, (() => void) | undefined>)[event]?.();
  };
  call(turns);
  return target;
}

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
    vi.stubGlobal("localStorage", older);
    vi.stubGlobal("indexedDB", indexedDb);
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
  await before.keepIdentity("room", asha, "Asha");
  const after = await tab(before.session);
  expect(after.identityOf("room")).toEqual(asha);
});

test("who comes back under the same name after a crash is the same participant", async () => {
  const crashed = await tab();
  await crashed.keepIdentity("room", asha, "Asha");
  crashed.die();
  const next = await tab();
  await next.recallIdentity("room", "Asha");
  expect(next.identityOf("room")).toEqual(asha);
});

test("another tab under the same name is the same participant, and is told beforehand", async () => {
  const first = await tab();
  await first.keepIdentity("room", asha, "Asha");
  expect(await first.namesElsewhere("room")).toEqual([]);
  const second = await tab();
  expect(await second.namesElsewhere("room")).toEqual(["Asha"]);
  await second.recallIdentity("room", "Asha");
  expect(second.identityOf("room")).toEqual(asha);
});

test("of two under one name the tab that died is taken up, not the one that lives", async () => {
  const crashed = await tab();
  await crashed.keepIdentity("room", asha, "Asha");
  const living = await tab();
  await living.keepIdentity("room", { id: "par_2", secret: "t" }, "Asha");
  crashed.die();
  const next = await tab();
  expect(await next.namesElsewhere("room")).toEqual(["Asha"]);
  await next.recallIdentity("room", "Asha");
  expect(next.identityOf("room")).toEqual(asha);
});

test("another name or another room is somebody else", async () => {
  const first = await tab();
  await first.keepIdentity("room", asha, "Asha");
  const second = await tab();
  await second.recallIdentity("room", "Ben");
  await second.recallIdentity("attic", "Asha");
  expect(second.identityOf("room")).toBeNull();
});

test("it is known whom else this browser was in the room, whatever name is given, and by a tab that is somebody already", async () => {
  const first = await tab();
  await first.keepIdentity("room", asha, "Asha");
  const second = await tab();
  expect(await second.recallIdentity("room", "Not Asha")).toEqual([asha]);
  const ben = { id: "par_2", secret: "t" };
  await second.keepIdentity("room", ben, "Not Asha");
  expect(await second.recallIdentity("room", "Not Asha")).toEqual([asha]);
  first.enter();
  expect(await first.recallIdentity("room", "Asha")).toEqual([ben]);
  expect(await first.recallIdentity("attic", "Asha")).toEqual([]);
});

test("who left on purpose is not taken up by the next one at the device", async () => {
  const first = await tab();
  await first.keepIdentity("room", asha, "Asha");
  await first.forgetIdentity("room");
  first.die();
  const second = await tab();
  await second.recallIdentity("room", "Asha");
  expect(second.identityOf("room")).toBeNull();
  expect(first.session.items.size).toBe(1);
});

test("who was kept by an older version of the page is taken up, once", async () => {
  older.setItem("doubletake.participant.room", JSON.stringify([{ ...asha, name: "Asha" }]));
  const first = await tab();
  expect(await first.lastName("room")).toBe("Asha");
  await first.recallIdentity("room", "Asha");
  expect(first.identityOf("room")).toEqual(asha);
  expect(older.items.size).toBe(0);
  expect(database.get("room")).toEqual([{ ...asha, name: "Asha" }]);
});

test("a browser without a database keeps it as before", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const first = await tab();
  vi.stubGlobal("indexedDB", undefined);
  await first.keepIdentity("room", asha, "Asha");
  first.die();
  const second = await tab();
  vi.stubGlobal("indexedDB", undefined);
  await second.recallIdentity("room", "Asha");
  expect(second.identityOf("room")).toEqual(asha);
  expect(database.size).toBe(0);
  warn.mockRestore();
});

test("the database is opened once, makes way for a newer page, and is opened anew where the browser has closed it", async () => {
  const first = await tab();
  await first.keepIdentity("room", asha, "Asha");
  expect([await first.lastName("room"), opened.length]).toEqual(["Asha", 1]);
  opened[0]!.onversionchange?.();
  expect(opened[0]!.closed).toBe(true);
  expect([await first.lastName("room"), opened.length]).toEqual(["Asha", 2]);
  opened[1]!.closed = true;
  opened[1]!.onclose?.();
  expect([await first.lastName("room"), opened.length]).toEqual(["Asha", 3]);
});
