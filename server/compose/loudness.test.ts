import { expect, test } from "vitest";
import { type Gain, lettersOf, lufsOf, nextDb, targetLufs } from "./evening.ts";
import { gainsOf, learn } from "./heard.ts";
import { emptyLedger, type Ledger } from "./ledger.ts";
import { addBlocks, energiesOf, type Histogram, integrated, loudnessOf } from "./loudness.ts";
import type { WindowJob } from "./window.ts";

const rate = 48_000;

function sine(seconds: number, dbfs: number, hz = 1000): [Float32Array, Float32Array] {
  const side = Float32Array.from({ length: seconds * rate }, (_, at) => 10 ** (dbfs / 20) * Math.sin((2 * Math.PI * hz * at) / rate));
  return [side, side.slice()];
}

const lufsOfAll = (...parts: [Float32Array, Float32Array][]) => {
  const heard = parts.reduce<Histogram>((sum, part) => addBlocks(sum, energiesOf(part, 0, part[0].length)), []);
  return integrated(heard)!.lufs;
};

// EBU Tech 3341, table 1: stereo sine of 1000 Hz, in phase on both sides.
test("EBU Tech 3341, cases 1 and 2: a tone of −23 dBFS is −23 LUFS, one of −33 dBFS is −33", () => {
  expect(Math.abs(lufsOfAll(sine(20, -23)) + 23)).toBeLessThan(0.1);
  expect(Math.abs(lufsOfAll(sine(20, -33)) + 33)).toBeLessThan(0.1);
});

test("EBU Tech 3341, cases 3 and 4: what is quieter than the gates does not count", () => {
  expect(Math.abs(lufsOfAll(sine(10, -36), sine(60, -23), sine(10, -36)) + 23)).toBeLessThan(0.1);
  expect(Math.abs(lufsOfAll(sine(10, -72), sine(10, -36), sine(60, -23), sine(10, -36), sine(10, -72)) + 23)).toBeLessThan(0.1);
});

test("EBU Tech 3341, case 5: near to one another both count", () => {
  expect(Math.abs(lufsOfAll(sine(20, -26), sine(20.1, -20), sine(20, -26)) + 23)).toBeLessThan(0.15);
});

test("one letter says the loudness to a LU, silence included", () => {
  const energies = energiesOf(sine(3.2, -23), 0, 3.2 * rate);
  expect(energies).toHaveLength(29);
  expect([...lettersOf(energies)].map(lufsOf)).toEqual(Array.from({ length: 8 }, () => -23));
  expect(lettersOf([0, 0, 0, 0])).toBe(".");
  expect(lufsOf(".")).toBe(-70);
});

const job = (index: number) => ({ index, sounds: ["s"], sources: [{ segment: "s", trackId: "t" }] }) as unknown as WindowJob;

/** One voice, window after window unless another order is said; the gain of each. */
function evened(levels: number[], order = levels.map((_, index) => index)): { gains: Gain[]; ledger: Ledger } {
  let ledger = emptyLedger({ width: 2, height: 2 });
  const gains: Gain[] = [];
  for (const index of order) {
    const [gain] = gainsOf(job(index), ledger);
    const energies = energiesOf(sine(3.2, levels[index]!), 0, 3.2 * rate);
    const { heard, evenness } = learn(job(index), [gain!], [{ trackId: "t", energies }], ledger);
    const window = { index, file: "", ticks: 96, bytes: 1, shape: "", placed: [], missing: [], heard };
    ledger = { ...ledger, evenness, windows: [...ledger.windows, window] };
    gains[index] = gain!;
  }
  return { gains, ledger };
}

test("a quiet voice and a loud one come to the same loudness, slowly, and each window goes on where the one before ended", () => {
  for (const dbfs of [-30, -12]) {
    const { gains } = evened(Array.from({ length: 14 }, () => dbfs));
    expect(gains[0]).toMatchObject({ fromDb: 0, toDb: 0 });
    for (const [index, { fromDb, toDb }] of gains.entries()) {
      expect(Math.abs(toDb - fromDb)).toBeLessThanOrEqual(1.61);
      if (index > 0) expect(fromDb).toBe(gains[index - 1]!.toDb);
    }
    expect(Math.abs(dbfs + gains.at(-1)!.toDb - targetLufs)).toBeLessThanOrEqual(0.5);
  }
});

test("a pause and a shout do not pump: a gain moves on what was heard in all", () => {
  const { gains } = evened([-20, -20, -20, -20, -60, -60, -60, -20, -6, -20]);
  for (const { toDb } of gains) expect(Math.abs(toDb)).toBeLessThanOrEqual(2.5);
});

test("no more than twelve dB are added, to a room's hum neither", () => {
  expect(
    nextDb(
      12,
      addBlocks(
        [],
        Array.from({ length: 40 }, () => 10 ** -6),
      ),
    ),
  ).toBe(12);
  expect(loudnessOf(0)).toBe(Number.NEGATIVE_INFINITY);
});

test("a window composed again has the gain it had, and its loudness counts once", () => {
  const { gains, ledger } = evened([-30, -30, -30, -30, -30, -30]);
  const [again] = gainsOf(job(3), ledger);
  expect(again).toEqual(gains[3]);
  const { evenness } = learn(job(3), [again!], [{ trackId: "t", energies: energiesOf(sine(3.2, -3), 0, 3.2 * rate) }], ledger);
  expect(evenness).toEqual(ledger.evenness);
});

test("a hole that is filled late joins what is on both sides of it, wherever the gain stood", () => {
  const levels = Array.from({ length: 12 }, () => -30);
  const { gains } = evened(levels, [0, 1, 2, 6, 7, 8, 9, 3, 4, 5, 10, 11]);
  for (const [index, { fromDb }] of gains.entries()) expect(fromDb).toBe(index === 0 ? 0 : gains[index - 1]!.toDb);
  // And it is a gain that had begun to move.
  expect(gains[3]!.fromDb).toBeGreaterThan(0);
  expect(gains[11]!.toDb).toBeGreaterThan(gains[9]!.toDb);
});
