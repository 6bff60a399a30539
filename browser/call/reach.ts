// How the server is reached from this page: by a socket, and by the least there is to ask over HTTP.
import type { CallSocket } from "./signalling.ts";

export function connect(): CallSocket {
  return new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/call`) as CallSocket;
}

/** Whether the server answers; `signal` ends the question. A proxy that keeps this address to itself (403, 404) has a server behind it; one that has none
 * says so (502 to 504). */
export function probe(signal: AbortSignal): Promise<boolean> {
  return fetch("/healthz", { cache: "no-store", signal }).then(
    ({ status }) => status < 500,
    () => false,
  );
}
