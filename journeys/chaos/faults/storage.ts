// Real disks that are full: a small file system of their own under the spool, the catalog or the windows, filled to the last byte and emptied again.
import { join } from "node:path";
import { setTimeout as lasts } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import type { Random } from "../random.ts";
import { SmallDisk } from "../smalldisk.ts";
import type { World } from "../world.ts";

/** What the small disk has for itself before it is filled: enough to start. */
const spareBytes = 3_000_000;

async function full(world: World, random: Random, folder: string, except: string | null, acksGoOn: boolean): Promise<void> {
  const { server } = world;
  await server.stop("SIGTERM");
  const disk = SmallDisk.under(folder, spareBytes, except);
  world.disks.add(disk);
  try {
    await server.start({ DOUBLETAKE_DISK_RESERVE_MB: "0" });
    await world.recovers(`on a small disk under ${folder}`);
    disk.fill();
    const before = world.drones.map(({ acked }) => acked);
    await lasts(random.between(4000, 7000));
    if (acksGoOn && world.drones.some(({ acked }, index) => acked <= (before[index] ?? 0)))
      throw new Error(`nothing was acked while only ${folder} was full`);
    world.ackedIsThere();
    disk.empty();
    await world.recovers(`when there was room again under ${folder}`);
  } finally {
    await server.stop("SIGTERM");
    disk.close();
    world.disks.delete(disk);
  }
  await server.start();
}

export const storage: readonly Fault[] = [
  {
    number: 38,
    kind: "server",
    root: true,
    what: "the disk under the media is full to the last byte",
    strike: async (world, random) => await full(world, random, join(world.server.dataFolder, "recordings"), null, false),
  },
  {
    number: 38,
    kind: "server",
    root: true,
    what: "the disk under the catalog is full to the last byte",
    strike: async (world, random) => await full(world, random, world.server.dataFolder, "recordings", true),
  },
  {
    number: 38,
    kind: "server",
    root: true,
    what: "the disk under the film's windows is full to the last byte",
    strike: async (world, random) =>
      await full(world, random, join(world.server.dataFolder, "recordings", world.recording, "windows"), null, true),
  },
];
