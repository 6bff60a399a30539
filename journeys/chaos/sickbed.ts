// Says how ill the server's disk is: what `illness.ts`, inside the server, reads at every sync.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../rig/place.ts";

export interface Symptoms {
  /** Counts up with each change: `failing` begins anew. */
  serial: number;
  /** Part of the path of the files that are touched; all of them unless said. */
  only?: string;
  delayMs?: number;
  /** So many syncs fail with EIO. */
  failing?: number;
}

export class Sickbed {
  readonly file: string;
  #serial = 0;

  constructor(folder: string) {
    this.file = join(folder, "symptoms.json");
    this.set({});
  }

  /** What Node is to run so that the server has this disk. */
  static readonly program = ["--import", "tsx", "--import", join(root, "journeys/chaos/illness.ts"), "server/main.ts"];

  /** From the next sync on. Nothing: the disk is well. */
  set(symptoms: Omit<Symptoms, "serial">): void {
    this.#serial += 1;
    writeFileSync(`${this.file}.next`, JSON.stringify({ serial: this.#serial, ...symptoms }));
    renameSync(`${this.file}.next`, this.file);
  }
}
