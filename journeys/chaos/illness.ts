// A disk that is ill, inside the real server: its syncs wait or fail as a file of the rig's says. Loaded before the program (`--import`).
// Promise: what is not named is left alone; the program itself knows nothing of it.
import fs from "node:fs";
import { open } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { setTimeout as wait } from "node:timers/promises";
import type { Symptoms } from "./sickbed.ts";

const file = process.env.CHAOS_DISK ?? "";
const failed = new Map<number, number>();

function symptomsOf(fd: number): Symptoms | null {
  const all = JSON.parse(fs.readFileSync(file, "utf8")) as Symptoms;
  return all.only === undefined || fs.readlinkSync(`/proc/self/fd/${fd}`).includes(all.only) ? all : null;
}

/** Waits, or throws what the disk says. */
async function suffer(fd: number): Promise<void> {
  const symptoms = symptomsOf(fd);
  if (!symptoms) return;
  if (symptoms.delayMs) await wait(symptoms.delayMs);
  const before = failed.get(symptoms.serial) ?? 0;
  if (before >= (symptoms.failing ?? 0)) return;
  failed.set(symptoms.serial, before + 1);
  throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO", errno: -5, syscall: "fdatasync" });
}

const handle = await open("/dev/null");
const FileHandle = Object.getPrototypeOf(handle) as { sync: () => Promise<void>; datasync: () => Promise<void> };
await handle.close();
for (const name of ["sync", "datasync"] as const) {
  const native = FileHandle[name];
  FileHandle[name] = async function (this: { fd: number }) {
    await suffer(this.fd);
    return await native.call(this);
  } as () => Promise<void>;
}
for (const name of ["fsync", "fdatasync"] as const) {
  const native = fs[name];
  const ill = (fd: number, done: fs.NoParamCallback) => void suffer(fd).then(() => native(fd, done), done);
  Object.assign(fs, { [name]: Object.assign(ill, { __promisify__: native.__promisify__ }) });
}
syncBuiltinESMExports();
