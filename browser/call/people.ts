// Who of this browser's people are in which room, kept in IndexedDB. Promise: what `change` resolved for is on the disk, and outlives a browser that is
// killed this moment; localStorage, which Chromium writes some five seconds late, is only for browsers without a database.
import * as z from "zod/mini";
import { keyOf, note, noted } from "./noted.ts";

export const Identity = z.object({ id: z.string(), secret: z.string() });
export type Identity = z.infer<typeof Identity>;

const People = z.array(z.extend(Identity, { name: z.string() }));
export type People = z.infer<typeof People>;

const databaseName = "doubletake";
const storeName = "people";
/** A database that does not open must not keep anybody from the call, ms. Opening takes some ten. */
const openMs = 2000;

/** Of one room; nobody, when that cannot be read. */
export async function peopleOf(room: string): Promise<People> {
  return await change(room, null);
}

/** One change at a time over all tabs; null only reads. Answers what is kept from then on. */
export async function change(room: string, alter: ((people: People) => People) | null): Promise<People> {
  // What versions before the database left: taken over once.
  const older = parsed(noted("localStorage", room));
  const how = alter ?? ((people) => people);
  try {
    const mode = alter || older.length > 0 ? "readwrite" : "readonly";
    const people = await inDatabase(room, mode, (kept) => how([...older.filter(({ id }) => !kept.some((one) => one.id === id)), ...kept]));
    if (older.length > 0) localStorage.removeItem(keyOf(room));
    return people;
  } catch (error) {
    console.warn("call: no database", error);
    const people = how(older);
    if (alter) note("localStorage", room, people);
    return people;
  }
}

async function inDatabase(room: string, mode: IDBTransactionMode, how: (people: People) => People): Promise<People> {
  database ??= opened();
  const transaction = (await database).transaction(storeName, mode, { durability: "strict" });
  return await new Promise<People>((resolve, reject) => {
    const store = transaction.objectStore(storeName);
    const asked = store.get(room);
    let people: People = [];
    asked.onsuccess = () => {
      const kept = parsed(asked.result);
      people = how(kept);
      // Nothing to be written: it was on the disk before.
      if (JSON.stringify(people) === JSON.stringify(kept)) return resolve(people);
      if (people.length === 0) store.delete(room);
      else store.put(people, room);
    };
    transaction.oncomplete = () => resolve(people);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** It stays open: whoever joins waits for one answer, not for four. */
let database: Promise<IDBDatabase> | null = null;

/** The next one who asks opens it anew. */
const forget = () => {
  database = null;
};

function opened(): Promise<IDBDatabase> {
  return new Promise<IDBDatabase>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error("the database does not open")), openMs);
    const asked = indexedDB.open(databaseName, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(storeName);
    asked.onsuccess = () => {
      clearTimeout(late);
      const { result } = asked;
      result.onclose = forget;
      // A newer page wants to change its shape.
      result.onversionchange = () => {
        forget();
        result.close();
      };
      resolve(result);
    };
    asked.onerror = () => {
      clearTimeout(late);
      reject(asked.error);
    };
  }).catch((error: unknown) => {
    forget();
    throw error;
  });
}

function parsed(value: unknown): People {
  const result = People.safeParse(value ?? []);
  return result.success ? result.data : [];
}
