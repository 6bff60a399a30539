// Whether the server is there, by the least that can be asked over HTTP. Promise: an answer within seconds, and never an error.

/** A question that is older was asked on a network that is not there any more. */
const patienceMs = 2500;

/** `signal` ends the question. A proxy that keeps this address to itself (403, 404) has a server behind it; one that has none says so (502 to 504). */
export async function probe(origin: string, signal: AbortSignal): Promise<boolean> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    return (await fetch(`${origin}/healthz`, { cache: "no-store", signal: patience })).status < 500;
  } catch {
    return false;
  }
}
