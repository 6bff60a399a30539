import fc from "fast-check";
import { expect, test } from "vitest";
import { ProtocolError } from "./errors.ts";
import { encodeFrame, frameHeaderBytes, parseFrame, parseUploadUp } from "./upload.ts";

const frame = fc.record({
  handle: fc.integer({ min: 0, max: 65535 }),
  sequence: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  offset: fc.integer({ min: 0, max: 2 ** 50 }),
  more: fc.integer({ min: 0, max: 1e6 }),
  eventMs: fc.double({ noNaN: true, noDefaultInfinity: true }),
  bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
});

test("a frame survives the wire, also from the middle of a larger buffer", () => {
  fc.assert(
    fc.property(frame, ({ more, ...rest }) => {
      const sent = { ...rest, bytes: new Uint8Array(rest.bytes), endOffset: rest.offset + rest.bytes.length + more };
      const padded = new Uint8Array(7 + frameHeaderBytes + sent.bytes.length);
      padded.set(encodeFrame(sent), 7);
      expect(parseFrame(padded.subarray(7))).toEqual(sent);
    }),
  );
});

test("random bytes are a frame or a ProtocolError, nothing else", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      try {
        expect(parseFrame(new Uint8Array(bytes)).bytes.length).toBe(bytes.length - frameHeaderBytes);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
  );
});

test("an end before the frame's own bytes is malformed", () => {
  const bytes = encodeFrame({ handle: 0, sequence: 0, offset: 10, endOffset: 12, eventMs: 1, bytes: new Uint8Array(5) });
  expect(() => parseFrame(bytes)).toThrow(ProtocolError);
});

test("text that is not JSON, and JSON that is no message, are malformed", () => {
  expect(() => parseUploadUp("{")).toThrow("not JSON");
  expect(() => parseUploadUp('{"type":"open","segment":"../../etc/passwd"}')).toThrow(ProtocolError);
  expect(() => parseUploadUp('{"type":"finish","segment":"seg_01k00000000000000000000000","bytes":-1,"sha256":"00"}')).toThrow(
    ProtocolError,
  );
});
