// The ledger on the disk: `windows.json`, what was added since in `windows.<n>.jsonl`, and the playlist that follows from both.
// Promise: what was entered is on disk when that resolves, and costs about as much in the eighth hour as in the first minute.
import { readFileSync, statSync } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { writeDurably } from "./durable.ts";
import { Change, enter, Ledger, leading, mainFilm, windowsOfFilm } from "./ledger.ts";
import { playlistOf } from "./playlist.ts";

const listFile = "windows.json";
const playlistFile = "playlist.m3u8";
const addedFile = (number: number) => `windows.${number}.jsonl`;
/** All of it is written again when what was added is as long as it was, and at least this: so everything is written twice, however long it gets. */
const leastBytes = 64 * 1024;

/** For whoever adds to it; one at a time. */
export class LedgerFile {
  readonly #at: string;
  /** Of the file that is added to. */
  #number: number;
  /** What another process added is not added to: its last line may be torn. */
  #addedBytes = Number.POSITIVE_INFINITY;
  #wholeBytes = 0;

  /** `ledger`: as it was read. */
  constructor(folder: string, film: string, ledger: Ledger) {
    this.#at = join(folder, windowsOfFilm(film));
    this.#number = ledger.added ?? 0;
  }

  /** What it consists of, the playlist included; in the windows' folder. */
  get files(): string[] {
    return [listFile, addedFile(this.#number), playlistFile];
  }

  /** All of it. */
  async write(ledger: Ledger): Promise<void> {
    const added = this.#number + 1;
    const text = JSON.stringify({ ...ledger, added });
    await rm(join(this.#at, addedFile(added)), { force: true });
    await writeDurably(join(this.#at, listFile), text);
    await rm(join(this.#at, addedFile(this.#number)), { force: true });
    this.#number = added;
    this.#addedBytes = 0;
    this.#wholeBytes = text.length;
    await this.#writePlaylist(ledger);
  }

  /** `ledger`: with the change in it. */
  async add(ledger: Ledger, change: Change): Promise<void> {
    const line = `\n${JSON.stringify(change)}`;
    if (this.#addedBytes + line.length > Math.max(leastBytes, this.#wholeBytes)) return await this.write(ledger);
    const path = join(this.#at, addedFile(this.#number));
    const before = this.#addedBytes;
    // Until it is known to be there: what is missing in between would be missed by what follows.
    this.#addedBytes = Number.POSITIVE_INFINITY;
    if (before === 0) await writeDurably(path, line);
    else await append(path, line);
    this.#addedBytes = before + line.length;
    await this.#writePlaylist(ledger);
  }

  /** While it grows it need not survive a power cut: it is written again with the next window. */
  async #writePlaylist(ledger: Ledger): Promise<void> {
    const path = join(this.#at, playlistFile);
    const text = playlistOf(leading(ledger), ledger.readyAt !== null);
    if (ledger.readyAt !== null) return await writeDurably(path, text);
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
  }
}

/** What follows a torn line would not be read. */
async function append(path: string, line: string): Promise<void> {
  const file = await open(path, "a");
  try {
    const { size } = await file.stat();
    try {
      await file.appendFile(line);
      await file.datasync();
    } catch (error) {
      await file.truncate(size);
      throw error;
    }
  } finally {
    await file.close();
  }
}

/** Null: there is none, or none that this version understands; either way the film can be composed from its beginning. */
export function readLedger(folder: string, film = mainFilm): Ledger | null {
  const at = join(folder, windowsOfFilm(film));
  const text = textOf(join(at, listFile));
  if (text === null) return null;
  try {
    const ledger = Ledger.parse(JSON.parse(text));
    const added = ledger.added === undefined ? null : textOf(join(at, addedFile(ledger.added)));
    for (const change of changesIn(added ?? "")) enter(ledger, change);
    return ledger;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.core.$ZodError) return null;
    throw error;
  }
}

/** Up to the first line that a crash tore. */
function changesIn(text: string): Change[] {
  const changes: Change[] = [];
  for (const line of text.split("\n").slice(1)) {
    try {
      changes.push(Change.parse(JSON.parse(line)));
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof z.core.$ZodError) break;
      throw error;
    }
  }
  return changes;
}

/** Ledgers that were read for whoever only looks, by path; a long one takes a tenth of a second to read. */
const known = new Map<string, { stamp: string; ledger: Ledger | null }>();
const mostKnown = 20;

/** As `readLedger`, and not to be changed: whoever asks again gets the same one while the files are. */
export function knownLedger(folder: string, film = mainFilm): Ledger | null {
  const at = join(folder, windowsOfFilm(film));
  const before = known.get(at);
  const stamp = stampOf(at, before?.ledger?.added);
  if (before && before.stamp === stamp) return before.ledger;
  const ledger = readLedger(folder, film);
  known.delete(at);
  if (known.size >= mostKnown) known.delete([...known.keys()][0]!);
  known.set(at, { stamp: stampOf(at, ledger?.added), ledger });
  return ledger;
}

/** Both files only ever grow, or have another number. */
function stampOf(at: string, added: number | undefined): string {
  return [listFile, ...(added === undefined ? [] : [addedFile(added)])]
    .map((name) => {
      const stats = statSync(join(at, name), { throwIfNoEntry: false });
      return stats ? `${stats.ino} ${stats.size} ${stats.mtimeMs}` : "";
    })
    .join();
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
