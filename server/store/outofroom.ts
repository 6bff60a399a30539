// Why bytes that come in by HTTP could not be kept whole: told apart here, put into words by whoever takes them.

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code ?? "";

/** The primary result code SQLITE_FULL, in the low byte; see sqlite.org/rescode.html. */
const sqliteFull = 13;

/** The disk, or the catalog on it, had no room. */
export function outOfRoom(error: unknown): boolean {
  if (codeOf(error) === "ERR_SQLITE_ERROR") return (Number((error as { errcode?: unknown }).errcode) & 0xff) === sqliteFull;
  return ["ENOSPC", "EDQUOT"].includes(codeOf(error));
}

/** Whoever sent it went away in the middle. */
export const brokeOff = (error: unknown): boolean => ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET"].includes(codeOf(error));
