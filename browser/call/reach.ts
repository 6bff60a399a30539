// How the server is reached from this page: by a socket, and asked whether it is there. Promise: an answer within seconds, and never an error.
import type { CallSocket } from "./signalling.ts";

/** A question that is older was asked on a network that is not there any more; over a slow one the answer takes more than a second. */
const patienceMs = 2250;
/** After so many sockets that did not open, Chromium keeps each further one back for one to five seconds, for three to six minutes. */
const patientAfter = 12;
const patientMs = 6500;
/** So long after the one before it is the next one asked for then, that one is always past its time: on average TCP asks again within 0.6 s, one after
 * the other would within 1.8. */
const aheadMs = 1500;

let answered: CallSocket | null = null;

/** Open already where it was opened to ask. */
export function connect(): CallSocket {
  const open = answered?.readyState === 1 ? answered : null;
  answered = null;
  return open ?? fresh();
}

function fresh(): CallSocket {
  return new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws/call`) as CallSocket;
}

/** Over HTTP one question hung until it was given up. */
let hung = false;

/** Whether the server answers; `signal` ends the question. */
export function probe(signal: AbortSignal): Promise<boolean> {
  return hung ? opens(signal) : answers(signal);
}

/** A proxy that keeps this address to itself (403, 404) has a server behind it; one that has none says so (502 to 504). */
function answers(signal: AbortSignal): Promise<boolean> {
  return fetch("/healthz", { cache: "no-store", signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) }).then(
    ({ status }) => status < 500,
    (error: unknown) => {
      // Chromium alone has `userAgentData`.
      hung ||= error instanceof Error && error.name === "TimeoutError" && "userAgentData" in navigator;
      return false;
    },
  );
}

let failures = 0;
/** The one that was asked for last, while it may still open. */
let newest: { socket: CallSocket; sinceMs: number } | null = null;

/** Chromium hands a connection that hangs on to the next question over HTTP, and TCP asks for it ever more rarely: after half a minute of nothing the
 * answer came ten seconds late. A socket that is given up takes its connection with it. It opens one at a time, and the one that opened is the next that
 * is asked for. Firefox is the other way round: there a socket that is given up lives on, and a question does not. */
function opens(signal: AbortSignal): Promise<boolean> {
  const keptBack = failures >= patientAfter;
  if (newest && !(keptBack && performance.now() - newest.sinceMs >= aheadMs)) return Promise.resolve(false);
  const socket = fresh();
  newest = { socket, sinceMs: performance.now() };
  return new Promise<boolean>((resolve) => {
    const end = () => resolve(false);
    setTimeout(end, keptBack ? patientMs : patienceMs);
    signal.onabort = end;
    socket.onclose = end;
    socket.onopen = () => resolve(true);
  }).then((open) => {
    if (newest?.socket === socket) newest = null;
    // One that nobody waits for any more says nothing.
    if (!signal.aborted) hung = !open;
    failures = open ? 0 : failures + 1;
    if (open) answered = socket;
    else socket.close();
    return open;
  });
}
