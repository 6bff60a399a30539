// Windows of a film that was complete and is another one now: kept a while for whoever is in the middle of downloading it, then given back.
// Promise: what is kept is gone an hour later, or when a server next looks at the recording; no name of what is kept or given back comes again.
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { type Former, type Ledger, type LedgerWindow, thumbnailFile } from "./ledger.ts";

/** Whoever has not read a film that far by then asks anew and is told that it is another one. */
const keptMs = 60 * 60_000;

/** What a complete film had that the one after it has not. Undefined: nothing. */
export function formerOf(before: Ledger | null, windows: readonly LedgerWindow[]): Former | undefined {
  const now = new Set(windows.map(({ file }) => file));
  const files = (before?.windows ?? []).flatMap(({ file }) => (now.has(file) ? [] : [file, thumbnailFile(file)]));
  return files.length === 0 ? undefined : { files, until: new Date(Date.now() + keptMs).toISOString() };
}

/** Windows of a film that begins anew are named from this revision on: more than any that lies here had. `at`: the windows' folder. */
export async function freshRevision(at: string): Promise<number> {
  const names = await readdir(at).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.reduce((most, name) => (name.endsWith(".m4s") ? Math.max(most, revisionOf(name) + 1) : most), 0);
}

export function revisionOf(file: string): number {
  return Number(/^\d+\.(\d+)\.m4s$/.exec(file)?.[1] ?? 0);
}

/** Deletes them when their time has come. `at`: the windows' folder. */
export function giveBackLater(at: string, { files, until }: Former, log: Logger): void {
  const giveBack = async () => {
    for (const file of files) await rm(join(at, file), { force: true });
  };
  const inMs = Math.min(keptMs, Math.max(0, Date.parse(until) - Date.now()));
  setTimeout(() => {
    giveBack().catch((error) => log.warn({ err: error }, "former windows could not be deleted"));
  }, inMs).unref();
}
