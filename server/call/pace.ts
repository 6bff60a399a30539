// How often one person may do something that everybody is shown and the catalog keeps.
import { UserError } from "../../protocol/errors.ts";
import { serverMs } from "./clock.ts";
import type { Member } from "./room.ts";

/** ms. */
const spanMs = 10_000;

export class Pace {
  readonly #done = new WeakMap<Member, number[]>();

  /** `most` times in ten seconds. `refusal`: told to whoever is faster. */
  constructor(
    readonly most: number,
    readonly refusal: string,
  ) {}

  /** Once more. Throws "too-fast". */
  step(member: Member): void {
    const now = serverMs();
    const lately = (this.#done.get(member) ?? []).filter((atMs) => now - atMs < spanMs);
    if (lately.length >= this.most) throw new UserError("too-fast", this.refusal);
    this.#done.set(member, [...lately, now]);
  }
}
