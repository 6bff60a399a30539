// windows.json: which windows of a recording are composed, in which file, and what decided how they look and sound.
// Promise: what it lists is on disk; it is all that composing needs to go on after a crash.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { Knee } from "../../protocol/recording.ts";
import { writeDurably } from "./durable.ts";
import { msOf } from "./place.ts";
import { playlistOf } from "./playlist.ts";

/** The film that every recording has. */
export const mainFilm = "side-by-side";
/** Of one film; below the recording's folder. */
export const windowsOfFilm = (film: string) => `windows/${film}`;
export const headOfFilm = (film: string) => `${film}.head`;
export const windowsFolder = windowsOfFilm(mainFilm);
export const headFile = headOfFilm(mainFilm);

const whole = z.int().check(z.gte(0));

/** Where a segment was taken to lie when windows were composed. */
const Placed = z.object({
  segment: z.string(),
  map: z.array(Knee),
  soundMap: z.optional(z.array(Knee)),
  audioShiftMs: z.number(),
  startMs: z.int(),
  endMs: z.int(),
  off: z.optional(z.array(z.object({ fromMs: z.int(), toMs: z.nullable(z.int()) }))),
});
export type Placed = z.infer<typeof Placed>;

const Window = z.object({
  index: whole,
  file: z.string(),
  ticks: whole,
  bytes: whole,
  /** Hash of the plan's shape. */
  shape: z.string(),
  /** Indices into `placed`. */
  placed: z.array(whole),
  /** Tracks of which something is missing here though it should be there, and why. */
  missing: z.array(z.object({ trackId: z.string(), name: z.string(), why: z.string() })),
  /** Who was heard: index into `evenness`, the gain at the window's end in dB, how loud they were every 400 ms (`lettersOf`). */
  heard: z.optional(z.array(z.tuple([whole, z.number(), z.string().check(z.maxLength(16))]))),
  /** How little work was put into it; absent: 0. */
  effort: z.optional(whole),
});
export type LedgerWindow = z.infer<typeof Window>;

const Ledger = z.object({
  version: z.literal(1),
  canvas: z.object({ width: whole, height: whole }),
  /** Whether names are drawn; they are, unless said. */
  names: z.optional(z.boolean()),
  /** RFC 3339; null until every window and the header are there. */
  readyAt: z.nullable(z.string()),
  placed: z.array(Placed),
  windows: z.array(Window),
  /** How loud each track was so far, every window counted once. */
  evenness: z.optional(z.array(z.object({ track: z.string(), heard: z.array(z.tuple([z.int(), whole, z.number()])) }))),
});
export type Ledger = z.infer<typeof Ledger>;

export function emptyLedger({ width, height, names }: { width: number; height: number; names?: boolean | undefined }): Ledger {
  return { version: 1, canvas: { width, height }, ...(names === false ? { names } : {}), readyAt: null, placed: [], windows: [] };
}

/** Null: there is none, or none that this version understands; either way the film can be composed from its beginning. */
export function readLedger(folder: string, film = mainFilm): Ledger | null {
  let text: string;
  try {
    text = readFileSync(join(folder, windowsOfFilm(film), "windows.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    return Ledger.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.core.$ZodError) return null;
    throw error;
  }
}

/** Beside a window: its picture for scrubbing. */
export function thumbnailFile(window: string): string {
  return window.replace(/\.m4s$/, ".jpg");
}

/** The list, and the playlist that follows from it. */
export async function writeLedger(folder: string, ledger: Ledger, film = mainFilm): Promise<void> {
  const at = join(folder, windowsOfFilm(film));
  await writeDurably(join(at, "windows.json"), JSON.stringify(ledger));
  await writeDurably(join(at, "playlist.m3u8"), playlistOf(leading(ledger), ledger.readyAt !== null));
}

/** The windows from the first one on without a hole, in order. */
export function leading(ledger: Ledger): LedgerWindow[] {
  const out: LedgerWindow[] = [];
  for (const window of ledger.windows.toSorted((a, b) => a.index - b.index)) if (window.index === out.length) out.push(window);
  return out;
}

/** How long these windows last, one after the other. */
export function lengthMs(windows: readonly Pick<LedgerWindow, "ticks">[]): number {
  return Math.round(msOf(windows.reduce((sum, { ticks }) => sum + ticks, 0)));
}

/** Index in `placed` of an equal entry, which is added if there is none. */
export function placedIndex(ledger: Ledger, placed: Placed): number {
  const found = ledger.placed.findLastIndex(
    (entry) =>
      entry.segment === placed.segment &&
      entry.audioShiftMs === placed.audioShiftMs &&
      entry.startMs === placed.startMs &&
      JSON.stringify([entry.map, entry.soundMap]) === JSON.stringify([placed.map, placed.soundMap]),
  );
  if (found < 0) return ledger.placed.push(placed) - 1;
  // The end moves on while the segment grows; it decides nothing about windows before it. So does what happened to its camera.
  ledger.placed[found]!.endMs = placed.endMs;
  if (placed.off) ledger.placed[found]!.off = placed.off;
  return found;
}

/** What the one file consists of: the header, then the windows. Null: not complete. Paths relative to the recording's folder. */
export function filmOf(ledger: Ledger, film = mainFilm): { head: string; windows: { path: string; bytes: number }[] } | null {
  if (ledger.readyAt === null) return null;
  const windows = windowsOfFilm(film);
  return { head: headOfFilm(film), windows: leading(ledger).map(({ file, bytes }) => ({ path: `${windows}/${file}`, bytes })) };
}
