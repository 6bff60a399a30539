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

/** For so long a socket is kept that nobody has wanted yet: the server waits ten seconds for whoever comes by it. */
const readyMs = 8000;
/** Timers may be early by the time of day. */
const timerMs = 100;

let ready: { socket: CallSocket; sinceMs: number } | null = null;

/** The one that is ready, where one is. */
export function connect(): CallSocket {
  fade();
  const socket = ready?.socket;
  ready = null;
  return socket && socket.readyState < 2 ? socket : fresh();
}

/** Somebody is about to want one: it opens meanwhile. One that failed is not tried again before its time: Chromium counts. */
export function warm(): void {
  fade();
  if (!ready) keep(fresh());
}

function keep(socket: CallSocket): void {
  ready = { socket, sinceMs: Date.now() };
  setTimeout(fade, readyMs + timerMs);
}

/** By the time of day: where a machine slept its timers did, too, and what it had open is dead. */
function fade(): void {
  if (!ready || Date.now() - ready.sinceMs < readyMs) return;
  ready.socket.close();
  ready = null;
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
    if (open) keep(socket);
    else socket.close();
    return open;
  });
}
