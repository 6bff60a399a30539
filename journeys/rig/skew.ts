// A browser whose clocks are wrong, in all of its processes: its monotonic clock drifts, its wall clock is off and can be stepped in mid-call.
// Promise: what it adds to a clock is known exactly, so a journey still knows the true time.
import { execFileSync } from "node:child_process";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type Place, place, root } from "./place.ts";

export interface SkewOptions {
  /** How much faster than true both clocks run, parts per million. */
  driftPpm?: number;
  /** Added to the wall clock alone. */
  wallMs?: number;
}

export class Skew {
  private constructor(
    readonly driftPpm: number,
    private readonly place: Place,
  ) {}

  /** Compiles its library, in about 100 ms: it needs gcc. */
  static open({ driftPpm = 0, wallMs = 0 }: SkewOptions): Skew {
    const folder = place("skew");
    try {
      const source = join(root, "journeys/rig/skew.c");
      const flags = ["-shared", "-fPIC", "-O2", "-nostdlib", "-fno-builtin", "-Wall", "-Werror"];
      execFileSync("/usr/bin/gcc", [...flags, "-o", join(folder.path, "skew.so"), source], { stdio: ["ignore", "inherit", "inherit"] });
      const words = new BigInt64Array(512);
      words.set([process.hrtime.bigint(), BigInt(Math.round(driftPpm * 1000)), nanoseconds(wallMs)]);
      writeFileSync(join(folder.path, "words"), new Uint8Array(words.buffer));
      return new Skew(driftPpm, folder);
    } catch (error) {
      folder.close();
      throw error;
    }
  }

  /** For the browser's environment. */
  get env(): Record<string, string> {
    return { LD_PRELOAD: join(this.place.path, "skew.so"), DOUBLETAKE_RIG_CLOCK: join(this.place.path, "words") };
  }

  /** Somebody sets the wall clock: from now on it is off by this. */
  step(wallMs: number): void {
    const file = openSync(join(this.place.path, "words"), "r+");
    try {
      writeSync(file, new Uint8Array(new BigInt64Array([nanoseconds(wallMs)]).buffer), 0, 8, 16);
    } finally {
      closeSync(file);
    }
  }

  /** After its browser. */
  close(): void {
    this.place.close();
  }
}

const nanoseconds = (ms: number) => BigInt(Math.round(ms * 1000)) * 1000n;
