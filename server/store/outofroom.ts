// Why something could not be kept: told apart here, and put into words for those who have none of their own.

import { UserError } from "../../protocol/errors.ts";

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code ?? "";

/** The primary result code SQLITE_FULL, in the low byte; see sqlite.org/rescode.html. */
const sqliteFull = 13;

/** The disk, or the catalog on it, had no room. */
export function outOfRoom(error: unknown): boolean {
  if (codeOf(error) === "ERR_SQLITE_ERROR") return (Number((error as { errcode?: unknown }).errcode) & 0xff) === sqliteFull;
  return ["ENOSPC", "EDQUOT"].includes(codeOf(error));
}

/** In words where there was no room; anything else stays what it is. */
export function worded(error: unknown): unknown {
  if (!outOfRoom(error)) return error;
  return new UserError("disk-full", "The server's disk is full, so this was not kept. Try again when there is room on it.", {
    cause: error,
  });
}

/** Whoever sent it went away in the middle. */
export const brokeOff = (error: unknown): boolean => ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET"].includes(codeOf(error));
