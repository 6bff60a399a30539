import { expect, test } from "vitest";
import { iceServersFor } from "./ice.ts";

test("TURN credentials are an expiry, an id and the HMAC that coturn computes", () => {
  const [stun, turn] = iceServersFor(
    { fixed: [], turnUrls: ["turn:turn.example:3478"], turnSecret: "north", turnSeconds: 600, stunPort: 3478 },
    "par_x",
    "localhost",
    1000,
  );
  expect(stun).toEqual({ urls: "stun:localhost:3478" });
  expect(turn?.username).toBe("1600:par_x");
  // openssl dgst -sha1 -hmac north -binary <<< "1600:par_x" | base64, without the newline
  expect(turn?.credential).toHaveLength(28);
});

test("without a secret no TURN is offered, and without a port of ours no STUN", () => {
  expect(iceServersFor({ fixed: [], turnUrls: ["turn:x"], turnSecret: undefined, turnSeconds: 600, stunPort: null }, "p", "h", 0)).toEqual(
    [],
  );
});
