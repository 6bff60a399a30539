// The faults of the catalogue that can be done to a running world, by their numbers there.
// Each does its worst and takes it back; the caller then asks whether everything goes on.
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as lasts } from "node:timers/promises";
import { DatabaseSync } from "@photostructure/sqlite";
import type { Random } from "./random.ts";
import { childrenOf, type World } from "./world.ts";

export interface Fault {
  number: number;
  what: string;
  kind: "client" | "network" | "server";
  strike: (world: World, random: Random) => Promise<void>;
}

/** More than any disk has. */
const allOfIt = "100000000";

const client: Omit<Fault, "kind">[] = [
  {
    number: 1,
    what: "the tab's renderer crashes; the room's link is opened again",
    strike: async ({ tab }) => {
      const { page } = tab.person;
      const session = await page.createCDPSession();
      // Never answered: who would answer is gone.
      void session.send("Page.crash").catch(() => undefined);
      await lasts(1000);
      await tab.lose(page);
      await tab.join();
    },
  },
  {
    number: 2,
    what: "kill -9 of the whole browser; opened again with the same profile",
    strike: async ({ tab }) => {
      await tab.kill();
      await tab.join();
    },
  },
  {
    number: 4,
    what: "the tab is closed in the call; the room's link is opened again",
    strike: async ({ tab }) => {
      await tab.lose();
      await tab.join();
    },
  },
  {
    number: 5,
    what: "reload in the call",
    strike: async ({ tab }) => {
      await tab.person.page.reload();
      await tab.rejoin();
    },
  },
  {
    number: 7,
    what: "the laptop sleeps",
    strike: async ({ tab }, random) => {
      tab.signal("SIGSTOP");
      await lasts(random.between(3000, 10_000));
      tab.signal("SIGCONT");
    },
  },
  {
    number: 9,
    what: "the tab is frozen by the browser",
    strike: async ({ tab }, random) => {
      const session = await tab.person.page.createCDPSession();
      await session.send("Page.setWebLifecycleState", { state: "frozen" });
      await lasts(random.between(1000, 5000));
      await session.send("Page.setWebLifecycleState", { state: "active" });
      await session.detach();
      // A page that was frozen counts as hidden until somebody looks at it again, and that takes another tab to come back from.
      const other = await tab.person.page.browser().newPage();
      await tab.person.page.bringToFront();
      await other.close();
    },
  },
];

const network: Omit<Fault, "kind">[] = [
  {
    number: 25,
    what: "300 ms each way",
    strike: async ({ network }, random) => {
      network.delayMs = 300;
      await lasts(random.between(3000, 6000));
      network.calm();
    },
  },
  {
    number: 26,
    what: "200 kbit/s up",
    strike: async ({ network }, random) => {
      network.upBytesPerSecond = 25_000;
      await lasts(random.between(3000, 6000));
      network.calm();
    },
  },
  {
    number: 27,
    what: "the link is down",
    strike: async ({ network }, random) => {
      network.cut();
      await lasts(random.pick([1000, 4000, 10_000]));
      network.mend();
    },
  },
  {
    number: 28,
    what: "a black hole without RST",
    strike: async ({ network }) => {
      network.blackHole(/^ws:/);
    },
  },
  {
    number: 29,
    what: "another address: every connection is gone, new ones get through",
    strike: async ({ network }) => {
      network.drop();
    },
  },
  {
    number: 30,
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

const server: Omit<Fault, "kind">[] = [
  {
    number: 36,
    what: "kill -9 of the server",
    strike: async (world) => {
      await killed(world, () => undefined);
    },
  },
  {
    number: 38,
    what: "the disk is full, and then it is not",
    strike: async (world, random) => {
      await world.server.stop("SIGTERM");
      await world.server.start({ DOUBLETAKE_DISK_RESERVE_MB: allOfIt });
      await lasts(random.between(3000, 6000));
      await killed(world, () => undefined);
    },
  },
  {
    number: 42,
    what: "the catalog is locked by somebody else",
    strike: async ({ server }, random) => {
      const catalog = new DatabaseSync(join(server.dataFolder, "catalog.sqlite"));
      try {
        catalog.exec("BEGIN IMMEDIATE");
        await lasts(random.between(1000, 3000));
        catalog.exec("ROLLBACK");
      } finally {
        catalog.close();
      }
    },
  },
  {
    number: 45,
    what: "deploy: SIGTERM and a new start",
    strike: async ({ server }) => {
      const code = await server.stop("SIGTERM");
      if (code !== 0) throw new Error(`SIGTERM ended with ${code}`);
      await server.start();
    },
  },
  {
    number: 60,
    what: "the server is put back to an older copy of its data",
    strike: async (world, random) => {
      const { server } = world;
      const copy = join(server.place.path, "backup");
      await killed(world, () => cpSync(server.dataFolder, copy, { recursive: true }));
      await lasts(random.between(3000, 6000));
      await killed(world, () => {
        rmSync(server.dataFolder, { recursive: true });
        cpSync(copy, server.dataFolder, { recursive: true });
        rmSync(copy, { recursive: true });
        for (const drone of [...world.drones, ...(world.bystander ? [world.bystander] : [])]) drone.forgetAcks();
      });
    },
  },
];

export const faults: readonly Fault[] = [
  ...client.map((fault) => ({ ...fault, kind: "client" as const })),
  ...network.map((fault) => ({ ...fault, kind: "network" as const })),
  ...server.map((fault) => ({ ...fault, kind: "server" as const })),
];

/** Dies at once; while it is dead every acked byte is looked for (I1). */
async function killed(world: World, meanwhile: () => void): Promise<void> {
  const children = childrenOf(world.server.pid);
  await world.server.stop("SIGKILL");
  world.ackedIsThere();
  meanwhile();
  await world.server.start();
  await world.nothingIsLeft(children);
}
