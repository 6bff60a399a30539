// What every fault of the catalogue is to a round of chaos.
import type { Random } from "./random.ts";
import type { World } from "./world.ts";

export interface Fault {
  /** In the catalogue; several forms of one fault share it. */
  number: number;
  what: string;
  /** `people`: nothing breaks, somebody is not there any more; not in every round. */
  kind: "client" | "network" | "server" | "people";
  /** After everything else: from then on the device keeps nothing ("device"), or nobody is there ("end"). */
  last?: "device" | "end";
  /** Needs root, for mounts. */
  root?: boolean;
  /** Does its worst and takes it back; the caller then asks whether everything goes on. */
  strike: (world: World, random: Random) => Promise<void>;
}
