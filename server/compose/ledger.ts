// The ledger: which windows of a recording are composed, in which file, and what decided how they look and sound.
// Promise: what it lists is on disk; it is all that composing needs to go on after a crash.
import * as z from "zod/mini";
import { Knee } from "../../protocol/timeline.ts";
import { msOf } from "./place.ts";

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

/** How loud a track was so far, every window counted once. */
const Evenness = z.object({ track: z.string(), heard: z.array(z.tuple([z.int(), whole, z.number()])) });

/** Files in the windows' folder that only the film before this one consisted of, and until when they are kept (RFC 3339). */
const Former = z.object({ files: z.array(z.string().check(z.regex(/^\d+(\.\d+)?\.(m4s|jpg)$/))), until: z.string() });
export type Former = z.infer<typeof Former>;

export const Ledger = z.object({
  version: z.literal(1),
  /** Number of the file with what was added since: see `ledgerfile.ts`. */
  added: z.optional(whole),
  canvas: z.object({ width: whole, height: whole }),
  /** Whether names are drawn; they are, unless said. */
  names: z.optional(z.boolean()),
  /** Windows composed for the first time are named from this revision on; absent: 0. */
  revision: z.optional(whole),
  /** RFC 3339; null until every window and the header are there. */
  readyAt: z.nullable(z.string()),
  placed: z.array(Placed),
  windows: z.array(Window),
  evenness: z.optional(z.array(Evenness)),
  former: z.optional(Former),
});
export type Ledger = z.infer<typeof Ledger>;

const ended = { endMs: z.int(), off: z.optional(z.array(z.object({ fromMs: z.int(), toMs: z.nullable(z.int()) }))) };

/** What one window adds: numbers are places in the ledger's lists. */
export const Change = z.object({
  window: Window,
  placed: z.array(z.tuple([whole, Placed])),
  /** Of what was placed before. */
  ends: z.array(z.tuple([whole, z.object(ended)])),
  evenness: z.array(z.tuple([whole, Evenness])),
});
export type Change = z.infer<typeof Change>;

/** What the window made of the ledger. `known`: so many entries of `placed` were there before it. */
export function changeOf(ledger: Ledger, window: LedgerWindow, known: number): Change {
  return {
    window,
    placed: window.placed.filter((index) => index >= known).map((index) => [index, ledger.placed[index]!]),
    ends: window.placed
      .filter((index) => index < known)
      .map((index) => {
        const { endMs, off } = ledger.placed[index]!;
        return [index, { endMs, ...(off ? { off } : {}) }];
      }),
    evenness: (window.heard ?? []).flatMap(([index]): Change["evenness"] => {
      const heard = ledger.evenness?.[index];
      return heard ? [[index, heard]] : [];
    }),
  };
}

/** The same, to a ledger that was read. */
export function enter(ledger: Ledger, { window, placed, ends, evenness }: Change): void {
  const before = ledger.windows.findLastIndex(({ index }) => index === window.index);
  if (before >= 0) ledger.windows.splice(before, 1);
  ledger.windows.push(window);
  ledger.readyAt = null;
  for (const [index, entry] of placed) if (index <= ledger.placed.length) ledger.placed[index] = entry;
  for (const [index, end] of ends) Object.assign(ledger.placed[index] ?? {}, end);
  if (evenness.length === 0) return;
  ledger.evenness ??= [];
  for (const [index, heard] of evenness) if (index <= ledger.evenness.length) ledger.evenness[index] = heard;
}

export function emptyLedger({ width, height, names }: { width: number; height: number; names?: boolean | undefined }): Ledger {
  return { version: 1, canvas: { width, height }, ...(names === false ? { names } : {}), readyAt: null, placed: [], windows: [] };
}

/** Beside a window: its picture for scrubbing. */
export function thumbnailFile(window: string): string {
  return window.replace(/\.m4s$/, ".jpg");
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
