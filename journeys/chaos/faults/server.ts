// What happens to the server's process, its disk's speed and its catalog.
import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as lasts } from "node:timers/promises";
import { DatabaseSync } from "@photostructure/sqlite";
import { descendantsOf } from "../../rig/processes.ts";
import type { Fault } from "../fault.ts";
import { memoryMb, type World } from "../world.ts";

/** More than any disk has. */
const allOfIt = "100000000";
/** A slow disk may make the server hold this much more, and no more. */
const mostMoreMb = 150;

export const server: readonly Fault[] = [
  {
    number: 36,
    kind: "server",
    what: "kill -9 of the server",
    strike: async (world) => {
      await killed(world, () => undefined);
    },
  },
  {
    number: 38,
    kind: "server",
    what: "the disk is fuller than the reserve, and then it is not",
    strike: async (world, random) => {
      await world.server.stop("SIGTERM");
      await world.server.start({ DOUBLETAKE_DISK_RESERVE_MB: allOfIt });
      await lasts(random.between(3000, 6000));
      await killed(world, () => undefined);
    },
  },
  {
    number: 42,
    kind: "server",
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
    kind: "server",
    what: "deploy: SIGTERM and a new start",
    strike: async ({ server }) => {
      const code = await server.stop("SIGTERM");
      if (code !== 0) throw new Error(`SIGTERM ended with ${code}`);
      await server.start();
    },
  },
  {
    number: 60,
    kind: "server",
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
  {
    number: 39,
    kind: "server",
    what: "syncs of one person's media fail, twice, and then the disk is well again",
    strike: async (world) => {
      const [ben] = world.drones;
      if (!ben) throw new Error("nobody is there");
      world.illness.set({ only: ben.segment.id, failing: 2 });
      await lasts(4000);
      world.illness.set({});
    },
  },
  {
    number: 40,
    kind: "server",
    what: "every sync of media takes half a second",
    strike: async (world, random) => {
      const before = memoryMb(world.server.pid);
      world.illness.set({ delayMs: 500 });
      await lasts(random.between(4000, 8000));
      const more = memoryMb(world.server.pid) - before;
      world.illness.set({});
      if (more > mostMoreMb) throw new Error(`with a slow disk the server took ${more} MB more`);
    },
  },
  {
    number: 41,
    kind: "server",
    what: "no file handles are left while everybody connects anew",
    strike: async ({ server, network }, random) => {
      const [, usual = ""] = /Max open files +(\d+)/.exec(readFileSync(`/proc/${server.pid}/limits`, "utf8")) ?? [];
      const inUse = readdirSync(`/proc/${server.pid}/fd`).length;
      limitHandles(server.pid, inUse - 4);
      network.drop();
      await lasts(random.between(2000, 5000));
      limitHandles(server.pid, Number(usual));
    },
  },
];

function limitHandles(pid: number | undefined, most: number): void {
  execFileSync("/usr/bin/prlimit", ["--pid", String(pid), `--nofile=${most}:`]);
}

/** The server dies at once; while it is dead every acked byte is looked for (I1). */
export async function killed(world: World, meanwhile: () => void): Promise<void> {
  const children = descendantsOf(world.server.pid);
  await world.server.stop("SIGKILL");
  world.ackedIsThere();
  meanwhile();
  await world.server.start();
  await world.nothingIsLeft(children);
}
