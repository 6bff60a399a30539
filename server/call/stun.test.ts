import { expect, test } from "vitest";
import { answer } from "./stun.ts";

const request = Buffer.from("000100002112a442000102030405060708090a0b", "hex");

test("a binding request is answered with the sender's address, xored with cookie and transaction", () => {
  const response = answer(request, { address: "192.0.2.1", port: 32853, family: "IPv4" });
  // RFC 5769, 2.2: 192.0.2.1 port 32853 is 0xa147 0xe112a643.
  expect(response?.toString("hex")).toBe("0101000c2112a442000102030405060708090a0b002000080001a147e112a643");
});

test("an IPv6 address is xored with the transaction id as well", () => {
  const response = answer(request, { address: "2001:db8::1", port: 1, family: "IPv6" });
  expect(response?.subarray(28, 32).toString("hex")).toBe("0113a9fa");
  expect(response?.at(-1)).toBe(0x0b ^ 1);
});

test("anything but a whole binding request gets no answer", () => {
  const from = { address: "192.0.2.1", port: 1, family: "IPv4" as const };
  expect(answer(Buffer.from("hello"), from)).toBeNull();
  expect(answer(Buffer.concat([request, Buffer.from([0])]), from)).toBeNull();
  expect(answer(Buffer.from(request.toString("hex").replace("2112a442", "00000000"), "hex"), from)).toBeNull();
});
