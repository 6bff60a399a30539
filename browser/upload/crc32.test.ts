import { expect, test } from "vitest";
import { crc32 } from "./crc32.ts";

test("the check value of CRC-32 is the standard's", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});

test("no bytes have the checksum zero", () => {
  expect(crc32(new Uint8Array())).toBe(0);
});
