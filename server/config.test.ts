import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

test("a flag wins over the environment, the environment over the default", () => {
  expect(readConfig([], {}).port).toBe(7000);
  expect(readConfig([], { DOUBLETAKE_PORT: "7001" }).port).toBe(7001);
  expect(readConfig(["--port", "7002"], { DOUBLETAKE_PORT: "7001" }).port).toBe(7002);
});

test("an unknown flag and a value that does not fit are refused by name", () => {
  expect(() => readConfig(["--prot", "1"], {})).toThrow('no setting "prot"');
  expect(() => readConfig([], { DOUBLETAKE_PORT: "seventy" })).toThrow("DOUBLETAKE_PORT");
  expect(() => readConfig([], { DOUBLETAKE_ICE_SERVERS: "[{]" })).toThrow("DOUBLETAKE_ICE_SERVERS");
  expect(() => readConfig([], { DOUBLETAKE_FILM_SIZE: "1000x562" })).toThrow("multiples of 16");
});

test("ICE servers are JSON, TURN urls a list", () => {
  const config = readConfig([], { DOUBLETAKE_ICE_SERVERS: '[{"urls":["stun:a","stun:b"]}]', DOUBLETAKE_TURN_URLS: "turn:a, turns:b" });
  expect(config.iceServers).toEqual([{ urls: ["stun:a", "stun:b"] }]);
  expect(config.turnUrls).toEqual(["turn:a", "turns:b"]);
});
