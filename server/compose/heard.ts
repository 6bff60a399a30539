// What the ledger knows of how loud people are: the gains of a window that is to be composed, and what is learnt from one that was. Pure.
// Promise: a window composed again has the gains it had, and one that is composed late joins what is on both sides of it; each window of a track counts
// once, however often it is composed.
import { type Evenness, type Gain, hear, lettersOf, nextDb } from "./evening.ts";
import type { Ledger, LedgerWindow } from "./ledger.ts";
import type { Done } from "./order.ts";
import type { WindowJob } from "./window.ts";

export function gainsOf(job: WindowJob, ledger: Ledger): Gain[] {
  const heard = new Set(job.sounds);
  const tracks = new Set(job.sources.filter(({ segment }) => heard.has(segment)).map(({ trackId }) => trackId));
  const here = ledger.windows.find((window) => window.index === job.index);
  return [...tracks].map((trackId) => {
    const index = indexOf(ledger, trackId);
    const fromDb = lastDb(ledger, index, job.index);
    const toDb = dbOf(here, index) ?? (goesOn(ledger, index, job.index) ? fromDb : nextDb(fromDb, ledger.evenness?.[index]?.heard ?? []));
    return { trackId, fromDb, toDb };
  });
}

/** The ledger's entry for the window, and what is known of everybody's loudness after it. */
export function learn(
  job: WindowJob,
  gains: readonly Gain[],
  loud: NonNullable<Done["loud"]>,
  ledger: Ledger,
): { heard: NonNullable<LedgerWindow["heard"]>; evenness: Evenness[] } {
  const evenness = [...(ledger.evenness ?? [])];
  const before = ledger.windows.find((window) => window.index === job.index);
  const heard = gains.map(({ trackId, toDb }): NonNullable<LedgerWindow["heard"]>[number] => {
    const found = evenness.findIndex(({ track }) => track === trackId);
    const index = found < 0 ? evenness.length : found;
    const energies = loud.find((one) => one.trackId === trackId)?.energies ?? [];
    if (found < 0 || dbOf(before, index) === null) evenness[index] = hear(evenness[index], trackId, energies);
    return [index, toDb, lettersOf(energies)];
  });
  return { heard, evenness };
}

/** Where the nearest window before left it: whoever was away for a while comes back as loud as they went. */
function lastDb(ledger: Ledger, track: number, index: number): number {
  let [nearest, db] = [-1, 0];
  for (const window of ledger.windows) {
    if (window.index >= index || window.index <= nearest) continue;
    const found = dbOf(window, track);
    if (found !== null) [nearest, db] = [window.index, found];
  }
  return db;
}

/** Whether a later window is composed already: it begins where this one is to begin, for the track was away when it was composed. */
function goesOn(ledger: Ledger, track: number, index: number): boolean {
  return ledger.windows.some((window) => window.index > index && dbOf(window, track) !== null);
}

function indexOf(ledger: Ledger, trackId: string): number {
  return (ledger.evenness ?? []).findIndex(({ track }) => track === trackId);
}

function dbOf(window: LedgerWindow | undefined, index: number): number | null {
  return window?.heard?.find(([track]) => track === index)?.[1] ?? null;
}
