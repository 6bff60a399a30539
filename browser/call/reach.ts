// How the server is reached from this page: by a socket, and by the least there is to ask over HTTP.
import type { CallSocket } from "./signalling.ts";

/** How many of this page's sockets never opened. */
let unopened = 0;

/** Firefox 140 makes whoever failed at a path wait before they try it again, after twelve times (half a minute without a network) for up to 25 s. So
 * every further try has a path of its own, and the next one after a success the path that served. */
export function connect(): CallSocket {
  const path = unopened === 0 ? "/ws/call" : `/ws/call/${unopened}`;
  const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}${path}`);
  unopened++;
  socket.addEventListener("open", () => unopened--, { once: true });
  return socket as CallSocket;
}

/** Whether the server answers; `signal` ends the question. */
export function probe(signal: AbortSignal): Promise<boolean> {
  return fetch("/healthz", { cache: "no-store", signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}
