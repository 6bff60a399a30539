// What cables, routers and proxies do, between everybody and the server.
import { setTimeout as lasts } from "node:timers/promises";
import type { Fault } from "../fault.ts";

export const network: readonly Fault[] = [
  {
    number: 25,
    kind: "network",
    what: "300 ms each way",
    strike: async ({ network }, random) => {
      network.delayMs = 300;
      await lasts(random.between(3000, 6000));
      network.calm();
    },
  },
  {
    number: 26,
    kind: "network",
    what: "200 kbit/s up",
    strike: async ({ network }, random) => {
      network.upBytesPerSecond = 25_000;
      await lasts(random.between(3000, 6000));
      network.calm();
    },
  },
  {
    number: 27,
    kind: "network",
    what: "the link is down",
    strike: async ({ network }, random) => {
      network.cut();
      await lasts(random.pick([1000, 4000, 10_000]));
      network.mend();
    },
  },
  {
    number: 28,
    kind: "network",
    what: "a black hole without RST",
    strike: async ({ network }) => {
      network.blackHole(/^ws:/);
    },
  },
  {
    number: 29,
    kind: "network",
    what: "another address: every connection is gone, new ones get through",
    strike: async ({ network }) => {
      network.drop();
    },
  },
  {
    number: 30,
    kind: "network",
    what: "a proxy that forgets idle sockets and then knows no WebSocket for uploads",
    strike: async ({ network }, random) => {
      network.idleMs = 600;
      await lasts(3000);
      network.idleMs = null;
      network.blocked = /\/ws\/upload/;
      network.drop();
      await lasts(random.between(4000, 8000));
      network.calm();
    },
  },
];
