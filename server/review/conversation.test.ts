import fc from "fast-check";
import { expect, test } from "vitest";
import { measuresOf, type Speaker } from "./conversation.ts";

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });
const two = (a: [number, number][], b: [number, number][]): Speaker[] => [
  { id: "a", name: "Asha", speech: a.map(([from, to]) => span(from, to)) },
  { id: "b", name: "Ben", speech: b.map(([from, to]) => span(from, to)) },
];

test("turns, replies, overlaps and silences of a small conversation are the ones one would count", () => {
  const speakers = two(
    [
      [0, 2000],
      [2500, 4000],
      [9000, 12_000],
    ],
    [
      [4300, 5000],
      [11_500, 15_000],
    ],
  );
  const found = measuresOf(speakers, 20_000);
  expect(found.people.map(({ turns, talkMs, replyMs }) => [turns, talkMs, replyMs])).toEqual([
    [2, 6500, 4000],
    [2, 4200, 300],
  ]);
  expect(found.people[0]?.share).toBeCloseTo(6500 / 10_700);
  expect(found.overlaps).toEqual([span(11_500, 12_000)]);
  expect(found.silences).toEqual([span(5000, 9000), span(15_000, 20_000)]);
});

test("a nod while the other speaks takes no turn", () => {
  const { people } = measuresOf(two([[0, 10_000]], [[4000, 4400]]), 10_000);
  expect(people.map(({ turns }) => turns)).toEqual([1, 0]);
});

test("where nobody was recorded nobody was silent", () => {
  const speakers = two([[0, 1000]], [[20_000, 21_000]]);
  expect(measuresOf(speakers, 30_000, [span(3000, 12_000), span(23_000, 28_000)]).silences).toEqual([span(12_000, 20_000)]);
});

test("nobody was measured: nothing is claimed", () => {
  expect(measuresOf(two([], []), 0)).toMatchObject({ overlaps: [], silences: [], overlapMs: 0 });
});

const speech = fc.array(fc.tuple(fc.nat(2000), fc.integer({ min: 100, max: 3000 })), { maxLength: 12 }).map((pieces) => {
  let at = 0;
  return pieces.map(([gap, length]): [number, number] => {
    const from = at + gap + 10;
    at = from + length;
    return [from, at];
  });
});

test("shares are of one whole, and silence and speech never lie on one another", () => {
  fc.assert(
    fc.property(speech, speech, (a, b) => {
      const found = measuresOf(two(a, b), 70_000);
      const shares = found.people.reduce((sum, { share }) => sum + share, 0);
      if (a.length + b.length > 0) expect(shares).toBeCloseTo(1);
      for (const silence of found.silences)
        for (const { speech: spoken } of found.people)
          for (const one of spoken) expect(one.toMs <= silence.fromMs || one.fromMs >= silence.toMs).toBe(true);
      expect(found.overlapMs).toBeLessThanOrEqual(Math.min(...found.people.map(({ talkMs }) => talkMs)));
    }),
  );
});
