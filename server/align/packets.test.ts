import fc from "fast-check";
import { expect, test } from "vitest";
import type { Packet } from "./container.ts";
import { firstOf, Packets } from "./packets.ts";

const packet: fc.Arbitrary<Packet> = fc.record({
  stream: fc.constantFrom(1, 2, 77, 300),
  kind: fc.constantFrom("video" as const, "audio" as const),
  mediaMs: fc.double({ noNaN: true, min: -1000, max: 1e9 }),
  offset: fc.integer({ min: 0, max: 2 ** 45 }),
  size: fc.integer({ min: 0, max: 2 ** 31 }),
  key: fc.boolean(),
  afterDamage: fc.boolean(),
  samples: fc.integer({ min: 0, max: 2 ** 24 }),
});

test("what was pushed is what is read, by place, from the end, and in order", () => {
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 40 }), (some) => {
      const packets = new Packets();
      const all = Array.from({ length: 60 }, () => some).flat();
      for (const each of all) packets.push(each);
      expect(packets.length).toBe(all.length);
      expect([...packets]).toEqual(all);
      for (const index of [0, 1, 1023, 1024, all.length - 1, all.length, -1, -all.length, -all.length - 1])
        expect(packets.at(index)).toEqual(all.at(index));
      for (const kind of ["video", "audio"] as const) expect(firstOf(packets, kind)).toEqual(all.find((each) => each.kind === kind));
    }),
    { numRuns: 40 },
  );
});
