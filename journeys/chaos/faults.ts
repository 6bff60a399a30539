// The faults of the catalogue that can be done to a running world, by their numbers there.
import type { Fault } from "./fault.ts";
import { client } from "./faults/client.ts";
import { network } from "./faults/network.ts";
import { people } from "./faults/people.ts";
import { recorder } from "./faults/recorder.ts";
import { server } from "./faults/server.ts";
import { storage } from "./faults/storage.ts";
import type { Random } from "./random.ts";

const all: readonly Fault[] = [...client, ...recorder, ...network, ...server, ...storage, ...people];

/** Without root nothing can be mounted: those are left out, and `main.ts` says so. */
export const faults: readonly Fault[] = all.filter(({ root }) => !root || process.getuid?.() === 0);
export const leftOut: readonly Fault[] = all.filter((fault) => !faults.includes(fault));

/** `numbers`: all forms of these. Else one of each kind, and now and then somebody who is not there any more. In the order of the seed. */
export function choose(random: Random, numbers: readonly number[] | null): Fault[] {
  const of = (kind: Fault["kind"]) => random.pick(faults.filter((fault) => fault.kind === kind));
  const some = numbers
    ? faults.filter(({ number }) => numbers.includes(number))
    : [of("client"), of("network"), of("server"), ...(random.next() < 0.3 ? [of("people")] : [])];
  const rank = ({ last }: Fault) => (last === "end" ? 2 : last === "device" ? 1 : 0);
  return random.shuffled(some).toSorted((a, b) => rank(a) - rank(b));
}
