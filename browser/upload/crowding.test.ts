import { expect, test } from "vitest";
import { Crowding, type Given } from "./crowding.ts";

/** Once a second. */
function looks(crowding: Crowding, count: number, ways: Record<string, Given>, fromSecond = 0): number {
  let share = 1;
  for (let second = 0; second < count; second++) share = crowding.look(Object.entries(ways), (fromSecond + second) * 1000);
  return share;
}

const told = (availableBps: number | null, sendBps = 500_000, askedBps = 2e6): Given => ({ sendBps, availableBps, askedBps });

test("what the browser believes of the way counts at once, and what needs fewer bits for a while does not", () => {
  const crowding = new Crowding();
  expect(looks(crowding, 10, { ben: told(1_000_000) })).toBe(1);
  expect(looks(crowding, 1, { ben: told(1_000_000, 40_000) }, 10)).toBe(1);
  expect(looks(crowding, 1, { ben: told(600_000) }, 11)).toBe(0.6);
  expect([crowding.bps, crowding.spareBps]).toEqual([600_000, 100_000]);
});

test("what the call asks for is enough, and of more it has no use", () => {
  const crowding = new Crowding();
  expect(looks(crowding, 10, { ben: told(1_700_000, 150_000, 140_000) })).toBe(1);
  // With its voice it asks for 180 kbit/s, of which 216 would be ample.
  expect(looks(crowding, 1, { ben: told(320_000, 150_000, 140_000) }, 10)).toBe(1);
  expect([crowding.bps, crowding.spareBps]).toEqual([180_000, 170_000]);
  expect(looks(crowding, 1, { ben: told(108_000, 100_000, 140_000) }, 11)).toBeCloseTo(0.5);
  expect([crowding.bps, crowding.rises]).toEqual([108_000, false]);
  looks(crowding, 1, { ben: told(120_000, 110_000, 140_000) }, 12);
  expect(crowding.rises).toBe(true);
});

test("what is left is what the widest way was believed to take beyond what would be ample for all, in the last four minutes", () => {
  const crowding = new Crowding();
  looks(crowding, 1, { ben: told(1_700_000, 150_000, 160_000), dan: told(900_000, 150_000, 160_000) });
  expect(crowding.roomBps).toBe(1_220_000);
  looks(crowding, 200, { ben: told(300_000, 150_000, 160_000), dan: told(300_000, 150_000, 160_000) }, 1);
  expect(crowding.roomBps).toBe(1_220_000);
  looks(crowding, 60, { ben: told(300_000, 150_000, 160_000), dan: told(300_000, 150_000, 160_000) }, 201);
  expect(crowding.roomBps).toBe(0);
});

test("somebody who is made large asks for more, and is crowded where the way does not give it", () => {
  const crowding = new Crowding();
  expect(looks(crowding, 10, { ben: told(400_000, 150_000, 140_000) })).toBe(1);
  expect(looks(crowding, 1, { ben: told(240_000, 150_000, 140_000) }, 10)).toBe(1);
  expect(looks(crowding, 1, { ben: told(240_000, 150_000, 1_000_000) }, 11)).toBeCloseTo(0.6);
});

test("a look at which the browser says nothing is one at which nothing has changed", () => {
  const crowding = new Crowding();
  looks(crowding, 5, { ben: told(1_000_000) });
  expect(looks(crowding, 3, { ben: told(null, 100_000) }, 5)).toBe(1);
});

test("nor does a call stop finding its bits again at such a look", () => {
  const crowding = new Crowding();
  looks(crowding, 1, { ben: told(500_000) });
  looks(crowding, 1, { ben: told(600_000) }, 1);
  looks(crowding, 1, { ben: told(null) }, 2);
  expect(crowding.rises).toBe(true);
  looks(crowding, 2, { ben: told(600_000) }, 3);
  expect(crowding.rises).toBe(false);
});

test.each([
  ["from more than it asks for to less", 1_100_000, 550_000, 500_000, true],
  ["by little", 660_000, 630_000, 500_000, false],
  ["and is still ample", 1_700_000, 1_100_000, 500_000, false],
  ["of a way that did not give all it asks for before", 1_100_000, 550_000, 2_000_000, false],
])("whether a queue was felt, where what is believed falls %s", (_, before, after, askedBps, falls) => {
  const crowding = new Crowding();
  looks(crowding, 5, { ben: told(before, 500_000, askedBps) });
  expect(crowding.falls).toBe(false);
  looks(crowding, 1, { ben: told(after, 500_000, askedBps) }, 5);
  expect(crowding.falls).toBe(falls);
  looks(crowding, 1, { ben: told(after, 500_000, askedBps) }, 6);
  expect(crowding.falls).toBe(false);
});

test("where it never says, what goes out counts, in the middle of five looks", () => {
  const crowding = new Crowding();
  expect(looks(crowding, 5, { ben: told(null) })).toBe(1);
  expect(looks(crowding, 1, { ben: told(null, 250_000) }, 5)).toBeCloseTo(0.9);
  expect(looks(crowding, 4, { ben: told(null, 250_000) }, 6)).toBeCloseTo(0.5);
  expect([crowding.bps, crowding.spareBps]).toEqual([250_000, null]);
});

test("whoever comes or goes crowds nobody out", () => {
  for (const believed of [1_000_000, null]) {
    const crowding = new Crowding();
    looks(crowding, 10, { ben: told(believed), dan: told(believed) });
    expect(looks(crowding, 10, { ben: told(believed) }, 10)).toBe(1);
  }
});

test("of somebody who has just come nothing is known, whatever was known of those before", () => {
  const crowding = new Crowding();
  looks(crowding, 5, { ben: told(1_000_000) });
  expect(looks(crowding, 1, { ben: told(1_000_000), dan: told(null) }, 5)).toBe(1);
  expect([crowding.bps, crowding.spareBps]).toEqual([0, null]);
});

test("what was given longer than four minutes ago is forgotten", () => {
  const crowding = new Crowding();
  looks(crowding, 10, { ben: told(1_000_000) });
  expect(looks(crowding, 200, { ben: told(500_000) }, 10)).toBe(0.5);
  expect(looks(crowding, 60, { ben: told(500_000) }, 210)).toBe(1);
});
