// Who hosts a room. Pure. Promise: whoever came by the host's link hosts while they are here; when none of them is left, the one who has been
// here longest, so that nobody's recording is without somebody to stop it.
import type { Participant } from "../../protocol/call.ts";

export interface Present {
  participant: Pick<Participant, "id" | "role">;
  /** Since when they are in this call, server clock. */
  sinceMs: number;
}

/** Ids. `hosted`: the room had a host before; guests who merely came early wait for theirs. Observers never host. */
export function hostsOf(present: readonly Present[], hosted: boolean): Set<string> {
  const hosts = present.filter(({ participant }) => participant.role === "host");
  if (hosts.length > 0) return new Set(hosts.map(({ participant }) => participant.id));
  if (!hosted) return new Set();
  const guests = present.filter(({ participant }) => participant.role === "guest");
  const [longest] = guests.toSorted((a, b) => a.sinceMs - b.sinceMs || a.participant.id.localeCompare(b.participant.id));
  return new Set(longest ? [longest.participant.id] : []);
}
