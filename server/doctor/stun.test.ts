import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { answer } from "../call/stun.ts";
import { answersBinding, message, parseReply, targetOf } from "./stun.ts";

test("the address of a relay names host, port and transport, each with its default", () => {
  expect(targetOf("turn:turn.example.org")).toEqual({ host: "turn.example.org", port: 3478, over: "udp" });
  expect(targetOf("turn:10.0.0.1:1234?transport=tcp")).toEqual({ host: "10.0.0.1", port: 1234, over: "tcp" });
  expect(targetOf("turns:turn.example.org")).toEqual({ host: "turn.example.org", port: 5349, over: "tls" });
  expect(targetOf("stun:[::1]:3479")).toEqual({ host: "::1", port: 3479, over: "udp" });
  expect(targetOf("https://turn.example.org")).toBeNull();
});

test("half a message is none, and an error is read with its code and reason", () => {
  const error = Buffer.from([0, 0, 4, 1, ...Buffer.from("Unauthorized")]);
  const whole = message(0x0113, Buffer.alloc(12, 7), [[0x0009, error]], null);
  expect(parseReply(whole.subarray(0, 24))).toBeNull();
  expect(parseReply(Buffer.from("no STUN at all, but long enough"))).toBeNull();
  expect(parseReply(whole)?.error).toEqual({ code: 401, reason: "Unauthorized" });
});

test("a message is sealed over its header as if the seal were in it (RFC 8489, 14.5)", () => {
  const sealed = message(0x0003, Buffer.alloc(12, 1), [[0x0006, Buffer.from("abcde")]], Buffer.from("key"));
  expect(sealed.readUInt16BE(2)).toBe(sealed.length - 20);
  expect(parseReply(sealed)?.attributes.get(0x0008)).toHaveLength(20);
  expect(parseReply(sealed)?.attributes.get(0x0006)?.toString()).toBe("abcde");
});

test("the server's own STUN answers the doctor", async () => {
  const socket = createSocket("udp4");
  socket.on("message", (request, from) => {
    const reply = answer(request, from);
    if (reply) socket.send(reply, from.port, from.address);
  });
  socket.bind(0, "127.0.0.1");
  onTestFinished(() => void socket.close());
  await once(socket, "listening");
  expect(await answersBinding({ host: "127.0.0.1", port: socket.address().port, over: "udp" })).toBe(true);
});
