// What a disk, the catalog and the limits of this process say, in words for the person. Whoever gets one of these keeps the recording and comes back.
import { UserError } from "../../protocol/errors.ts";
import { codeOf, outOfRoom, primaryCodeOf } from "../store/outofroom.ts";

export const absent = (error: unknown) => codeOf(error) === "ENOENT";

/** Anything that is no failure of these kinds stays what it is. */
export function failureOf(error: unknown): unknown {
  if (error instanceof UserError) return error;
  if (outOfRoom(error)) return diskFull(error);
  const result = primaryCodeOf(error);
  if (result !== null) return catalogFailure(result, error);
  if (["EMFILE", "ENFILE", "ENOMEM"].includes(codeOf(error))) return serverFull(error);
  return typeof (error as NodeJS.ErrnoException | null)?.errno === "number" ? diskBroken(error) : error;
}

/** Result codes of SQLite (sqlite.org/rescode.html). */
const sqlite = { busy: 5, locked: 6, noMemory: 7, readOnly: 8, ioError: 10, cannotOpen: 14 };

function catalogFailure(result: number, error: unknown): unknown {
  if (result === sqlite.ioError || result === sqlite.readOnly) return diskBroken(error);
  const { busy, locked, noMemory, cannotOpen } = sqlite;
  return [busy, locked, noMemory, cannotOpen].includes(result) ? serverFull(error) : error;
}

export function diskFull(cause?: unknown): UserError {
  return new UserError(
    "disk-full",
    "The server's disk is full. Your recording is kept safe on this device and goes on when there is room again.",
    { cause },
  );
}

export function diskBroken(cause?: unknown): UserError {
  return new UserError("disk-broken", "The server's disk failed. Your recording is kept safe on this device and is sent again.", { cause });
}

/** It neither took what came nor refused it. */
export function diskHangs(): UserError {
  return new UserError("disk-broken", "The server's disk does not answer. Your recording is kept safe on this device and is sent again.");
}

function serverFull(cause: unknown): UserError {
  return new UserError("server-full", "The server holds as much as it can. Your recording is kept safe on this device and is sent later.", {
    cause,
  });
}
