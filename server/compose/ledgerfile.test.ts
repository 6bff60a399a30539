import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { changeOf, emptyLedger, type Ledger, type LedgerWindow, mainFilm, placedIndex, windowsFolder } from "./ledger.ts";
import { knownLedger, LedgerFile, readLedger } from "./ledgerfile.ts";

const root = mkdtempSync(join(tmpdir(), "ledger-"));
const timeout = 120_000;
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What happens to a ledger: a window is composed, for the first time or again, from segments that have grown or moved. */
interface Step {
  index: number;
  segments: number[];
  movedMs: number;
  again: boolean;
}

const step = fc.record({
  index: fc.integer({ min: 0, max: 12 }),
  segments: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
  movedMs: fc.constantFrom(0, 0, 0, 7),
  again: fc.boolean(),
});

class Book {
  readonly folder = mkdtempSync(join(root, "recording-"));
  ledger: Ledger = emptyLedger({ width: 640, height: 360 });
  file = new LedgerFile(this.folder, mainFilm, this.ledger);
  #steps = 0;

  constructor() {
    mkdirSync(join(this.folder, windowsFolder), { recursive: true });
  }

  async enter({ index, segments, movedMs }: Step): Promise<void> {
    this.#steps += 1;
    const known = this.ledger.placed.length;
    const placed = segments.map((segment) =>
      placedIndex(this.ledger, {
        segment: `seg_${segment}`,
        map: [{ mediaMs: 0, atMs: movedMs }],
        audioShiftMs: 0,
        startMs: 0,
        endMs: this.#steps * 3200,
      }),
    );
    const evenness = [...(this.ledger.evenness ?? [])];
    const heard = segments.map((segment): NonNullable<LedgerWindow["heard"]>[number] => {
      const found = evenness.findIndex(({ track }) => track === `trk_${segment}`);
      const at = found < 0 ? evenness.length : found;
      evenness[at] = { track: `trk_${segment}`, heard: [[-20, this.#steps, 0.01]] };
      return [at, 0.5, "abc"];
    });
    const window: LedgerWindow = { index, file: `${index}.m4s`, ticks: 96, bytes: this.#steps, shape: "s", placed, missing: [], heard };
    const windows = [...this.ledger.windows.filter((one) => one.index !== index), window];
    this.ledger = { ...this.ledger, windows, evenness, readyAt: null };
    await this.file.add(this.ledger, changeOf(this.ledger, window, known));
  }

  /** As a process that begins anew finds it. */
  reopen(): void {
    this.ledger = readLedger(this.folder)!;
    this.file = new LedgerFile(this.folder, mainFilm, this.ledger);
  }

  get read(): Partial<Ledger> {
    const { added: _, ...rest } = readLedger(this.folder)!;
    return rest;
  }

  get names(): string[] {
    return readdirSync(join(this.folder, windowsFolder)).toSorted();
  }
}

const plain = ({ added: _, ...rest }: Ledger) => rest;

test("what was entered is read, whatever was entered before and however often the process began anew", { timeout }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const book = new Book();
      for (const one of steps) {
        await book.enter(one);
        expect(book.read).toEqual(plain(book.ledger));
        if (one.again) book.reopen();
        if (one.movedMs > 0) await book.file.write(book.ledger);
      }
      expect(book.names).toEqual(book.file.files.filter((name) => book.names.includes(name)).toSorted());
    }),
    { numRuns: 15 },
  );
});

test("a line that a crash tore is left out, and what is entered after it is read", async () => {
  const book = new Book();
  const at = (index: number): Step => ({ index, segments: [index % 3], movedMs: 0, again: false });
  for (const index of [0, 1, 2, 3]) await book.enter(at(index));
  const path = join(book.folder, windowsFolder, book.file.files[1]!);
  truncateSync(path, readFileSync(path).length - 9);
  expect(readLedger(book.folder)!.windows.map(({ index }) => index)).toEqual([0, 1, 2]);
  book.reopen();
  await book.enter(at(3));
  await book.enter(at(4));
  expect(readLedger(book.folder)!.windows.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
  expect(book.read).toEqual(plain(book.ledger));
});

test("five hundred windows have all of it written a few times only, and the playlist has every one of them", { timeout }, async () => {
  const book = new Book();
  for (let index = 0; index < 500; index++) await book.enter({ index, segments: [0, 1, 2], movedMs: 0, again: false });
  expect(readLedger(book.folder)!.added).toBeLessThan(8);
  const playlist = readFileSync(join(book.folder, windowsFolder, "playlist.m3u8"), "utf8");
  expect(playlist.match(/\.m4s$/gm)).toHaveLength(500);
  expect(playlist).not.toContain("ENDLIST");
});

test("whoever only looks gets the same ledger while nothing was written, and another one afterwards", async () => {
  const book = new Book();
  expect(knownLedger(book.folder)).toBeNull();
  await book.enter({ index: 0, segments: [], movedMs: 0, again: false });
  const first = knownLedger(book.folder);
  expect(knownLedger(book.folder)).toBe(first);
  await book.enter({ index: 1, segments: [], movedMs: 0, again: false });
  expect(knownLedger(book.folder)!.windows).toHaveLength(2);
  appendFileSync(join(book.folder, windowsFolder, "windows.json"), "no list");
  expect(knownLedger(book.folder)).toBeNull();
});
