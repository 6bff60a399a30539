// Why something could not be kept: told apart here, and put into words for those who have none of their own.

import { UserError } from "../../protocol/errors.ts";

export const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code ?? "";

/** What SQLite says of an error of its: the primary result code is the low byte of the extended one (sqlite.org/rescode.html). Null: not SQLite's. */
export function primaryCodeOf(error: unknown): number | null {
  return codeOf(error) === "ERR_SQLITE_ERROR" ? Number((error as { errcode?: unknown }).errcode) & 0xff : null;
}

const sqliteFull = 13;

/** The disk, or the catalog on it, had no room: ENOSPC, EDQUOT, SQLITE_FULL. A write that found none wrote nothing that cannot be undone. */
export const outOfRoom = (error: unknown) => primaryCodeOf(error) === sqliteFull || ["ENOSPC", "EDQUOT"].includes(codeOf(error));

/** There was no file handle to do it with: nothing was tried, so nothing is in doubt. */
export const neverBegan = (error: unknown) => ["EMFILE", "ENFILE"].includes(codeOf(error));

/** In words where there was no room; anything else stays what it is. */
export function worded(error: unknown): unknown {
  if (!outOfRoom(error)) return error;
  return new UserError("disk-full", "The server's disk is full, so this was not kept. Try again when there is room on it.", {
    cause: error,
  });
}

/** Whoever sent it went away in the middle. */
export const brokeOff = (error: unknown): boolean => ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET"].includes(codeOf(error));
