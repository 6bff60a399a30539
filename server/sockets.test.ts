import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { mountSockets } from "./sockets.ts";

test("a message in a thousand pieces arrives whole; one in thousands is refused with 1008 before it fills the memory, and nobody else notices", async () => {
  const server = createServer();
  const heard: number[] = [];
  const accept = (ws: WebSocket) => void ws.on("message", (data: Buffer) => void heard.push(data.length)).on("error", () => undefined);
  const unmount = mountSockets(server, { "/here": { maxBytes: 100_000, accept } }, null, pino({ enabled: false }));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const open = async () => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/here`, { origin: `http://127.0.0.1:${port}` });
    await once(ws, "open");
    return ws;
  };
  const [cutter, other] = [await open(), await open()];
  const send = (pieces: number) => {
    for (let at = 1; at <= pieces; at++) cutter.send("x", { binary: true, fin: at === pieces });
  };
  const hears = async (count: number) => {
    while (heard.length < count) await new Promise((resolve) => setImmediate(resolve));
  };
  send(1000);
  await hears(1);
  send(5000);
  const [code] = (await once(cutter, "close")) as [number];
  expect(code).toBe(1008);
  other.send("still here");
  await hears(2);
  expect(heard).toEqual([1000, 10]);
  other.terminate();
  unmount();
  server.close();
});
