// The browser's clock for everything that is recorded. Promise: monotonic, and the same in the page and in its workers;
// the wall clock is never asked, because it can be stepped in the middle of a call.

/** Milliseconds, fractional. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
