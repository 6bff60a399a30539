// The browser's clock for everything that is recorded. Promise: monotonic, and the same in the page and in its workers;
// the wall clock is never asked for a time, because it can be stepped in the middle of a call.
import type { ClockSample } from "../../protocol/recording.ts";

/** Two pings may disagree by this and what their paths explain; more, and this clock stood still in between (a laptop that slept). */
const jumpMs = 1000;

/** Milliseconds, fractional. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** Whether this browser's clock stood still, or the server's was exchanged, between two pings. */
export function jumped(before: ClockSample, after: ClockSample): boolean {
  if (before.epoch !== after.epoch) return false;
  const roundTripsMs = before.receivedMs - before.sentMs + after.receivedMs - after.sentMs;
  return Math.abs(offsetMs(after) - offsetMs(before)) > jumpMs + roundTripsMs / 2;
}

/** Those of the samples that agree with the last of them: what came before a jump dates nothing that came after it. */
export function sinceJump(samples: readonly ClockSample[]): ClockSample[] {
  const from = samples.findLastIndex((sample, index) => index > 0 && jumped(samples[index - 1] as ClockSample, sample));
  return samples.slice(Math.max(0, from));
}

function offsetMs({ sentMs, receivedMs, serverMs }: ClockSample): number {
  return serverMs - (sentMs + receivedMs) / 2;
}
