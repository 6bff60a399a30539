import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeLine, type Line, parseLog } from "./log.ts";

const facts = { browser: "chromium", version: 156, mimeType: "video/webm", startCallMs: 1.5, startEventMs: null } as const;

function encode(lines: Line[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(lines.flatMap((line) => [...encodeLine(line)]));
}

/** A log as a recording writes it: facts, then chunks and clock samples in any mixture, perhaps a finish. */
const lines = fc
  .tuple(fc.array(fc.record({ length: fc.integer({ min: 1, max: 1e6 }), clock: fc.boolean() }), { maxLength: 20 }), fc.boolean())
  .map(([entries, finished]): Line[] => {
    let endOffset = 0;
    const out: Line[] = [{ type: "facts", facts }];
    for (const [sequence, entry] of entries.entries()) {
      endOffset += entry.length;
      out.push({ type: "chunk", chunk: { sequence, endOffset, eventMs: sequence * 1000.25, crc32: entry.length } });
      if (entry.clock) out.push({ type: "clock", samples: [{ sentMs: 1, receivedMs: 2, serverMs: 3, epoch: "é" }] });
    }
    if (finished) out.push({ type: "finish", finish: { bytes: endOffset, sha256: "a".repeat(64) } });
    return out;
  });

test("a log reads back as it was written", () => {
  fc.assert(
    fc.property(lines, (written) => {
      const data = encode(written);
      const log = parseLog(data);
      expect(log.soundBytes).toBe(data.length);
      expect(log.facts).toEqual(facts);
      expect(log.chunks).toEqual(written.flatMap((line) => (line.type === "chunk" ? [line.chunk] : [])));
      expect(log.finish !== null).toBe(written.some((line) => line.type === "finish"));
    }),
  );
});

test("a log torn anywhere reads as the whole lines before the tear", () => {
  fc.assert(
    fc.property(lines, fc.double({ min: 0, max: 1, noNaN: true }), (written, where) => {
      const data = encode(written);
      const cut = Math.floor(data.length * where);
      const log = parseLog(data.subarray(0, cut));
      const whole = written.filter((_, index) => encode(written.slice(0, index + 1)).length <= cut);
      expect(log.soundBytes).toBe(encode(whole).length);
      expect(log.chunks.length).toBe(whole.filter((line) => line.type === "chunk").length);
    }),
  );
});

test("random bytes after a sound log are left out", () => {
  fc.assert(
    fc.property(lines, fc.uint8Array({ maxLength: 60 }), (written, noise) => {
      const data = encode(written);
      expect(parseLog(Uint8Array.from([...data, ...noise])).soundBytes).toBe(data.length);
    }),
  );
});

test("a chunk that does not follow the one before ends the log", () => {
  const chunk = { sequence: 0, endOffset: 10, eventMs: 0, crc32: 0 };
  const data = encode([
    { type: "facts", facts },
    { type: "chunk", chunk },
    { type: "chunk", chunk: { ...chunk, sequence: 1 } },
    { type: "chunk", chunk: { ...chunk, sequence: 2, endOffset: 30 } },
  ]);
  expect(parseLog(data).chunks).toEqual([chunk]);
});

test("zeros, as a power cut leaves them, are an empty log", () => {
  expect(parseLog(new Uint8Array(4096))).toMatchObject({ facts: null, soundBytes: 0 });
});
