import { expect, test } from "vitest";
import type { UploadSocket } from "./connection.ts";
import { type OpenableSocket, Route } from "./route.ts";

class Plain implements UploadSocket {
  binaryType = "";
  onopen = null;
  onmessage = null;
  onclose = null;
  constructor(readonly way: "socket" | "http") {}
  send(): void {
    throw new Error("nobody sends here");
  }
  close(): void {
    throw new Error("nobody closes here");
  }
}

class Openable extends Plain implements OpenableSocket {
  readonly listeners = new Map<string, () => void>();
  addEventListener(type: "open" | "close", listener: () => void): void {
    this.listeners.set(type, listener);
  }
}

function setup() {
  const clock = { ms: 0 };
  const answers: (() => void)[] = [];
  const route = new Route({
    socket: () => new Openable("socket"),
    http: (onAnswer) => {
      answers.push(onAnswer);
      return new Plain("http");
    },
    nowMs: () => clock.ms,
  });
  const next = (happens: "blocked" | "open then closed" | "nothing" = "nothing") => {
    const made = route.connect() as Plain;
    if (made instanceof Openable && happens !== "nothing") {
      if (happens === "open then closed") made.listeners.get("open")?.();
      made.listeners.get("close")?.();
    }
    return made.way;
  };
  return { clock, answers, next };
}

test("HTTP is taken after two sockets in a row that never opened, and kept while it gets answers", () => {
  const { clock, answers, next } = setup();
  expect([next("blocked"), next("blocked"), next()]).toEqual(["socket", "socket", "http"]);
  answers[0]?.();
  expect([next(), next()]).toEqual(["http", "http"]);
  clock.ms = 6 * 60_000;
  expect(next()).toBe("socket");
});

test("a network that is simply gone goes back to sockets", () => {
  const { next } = setup();
  expect([next("blocked"), next("blocked"), next(), next("blocked"), next("blocked"), next()]).toEqual([
    "socket",
    "socket",
    "http",
    "socket",
    "socket",
    "http",
  ]);
});

test("a socket that was open once does not count as blocked", () => {
  const { next } = setup();
  expect([next("blocked"), next("open then closed"), next("blocked"), next()]).toEqual(["socket", "socket", "socket", "socket"]);
});
