// The names of a recording's people as ink: as their own browsers drew them, else in the server's letters.
// Promise: what lies on the disk is parsed before it is believed; a name that cannot be drawn costs its label, never the window.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Ink, NamePlate, unpackPlate } from "../../protocol/plate.ts";
import { letters } from "./letters.ts";
import type { Named } from "./window.ts";

export class Names {
  readonly #inks = new Map<string, Ink | null>();

  constructor(readonly folder: string) {}

  /** Null: it cannot be drawn. */
  of({ name, plate }: Named): Ink | null {
    const key = plate ?? `name ${name}`;
    const known = this.#inks.get(key);
    if (known !== undefined) return known;
    const ink = this.#draw(name, plate);
    this.#inks.set(key, ink);
    return ink;
  }

  #draw(name: string | null, plate: string | null): Ink | null {
    try {
      if (plate === null) return name === null ? null : letters(name);
      const kept = NamePlate.parse(JSON.parse(readFileSync(join(this.folder, plate), "utf8")));
      return kept.plate ? unpackPlate(kept.plate) : letters(kept.name);
    } catch (error) {
      process.stderr.write(`a name that cannot be drawn: ${plate ?? name} ${error}\n`);
      return null;
    }
  }
}
