// What time it truly is, told to a page: the clock of the journey's own process, not what the page's browser believes, which may be wrong on purpose.
// Promise: learned again by every page that is opened; off by at most half of the quickest of the round trips, which is told.
import type { Page } from "puppeteer-core";

/** In the page: true time at a moment of its clock, and how much of it goes by in a millisecond there. */
export interface Truth {
  pageMs: number;
  trueMs: number;
  rate: number;
}

declare global {
  // `var`: a property of the page's globalThis.
  var doubletakeTruth: Truth | undefined;
}

export const trueNowMs = (): number => performance.timeOrigin + performance.now();

const roundTrips = 25;

/** `driftPpm`: how much faster the page's clock runs than the true one. Answers how far off the page's clock is, and half the round trip. */
export async function tellTruth(page: Page, driftPpm = 0): Promise<{ aheadMs: number; withinMs: number }> {
  let best = { roundTripMs: Number.POSITIVE_INFINITY, pageMs: 0, trueMs: 0 };
  for (let i = 0; i < roundTrips; i++) {
    const sentMs = trueNowMs();
    const pageMs = (await page.evaluate("performance.timeOrigin + performance.now()")) as number;
    const roundTripMs = trueNowMs() - sentMs;
    if (roundTripMs < best.roundTripMs) best = { roundTripMs, pageMs, trueMs: sentMs + roundTripMs / 2 };
  }
  const { roundTripMs, pageMs, trueMs } = best;
  const truth: Truth = { pageMs, trueMs, rate: 1 / (1 + driftPpm / 1e6) };
  await page.evaluate(`globalThis.doubletakeTruth = ${JSON.stringify(truth)}`);
  return { aheadMs: pageMs - trueMs, withinMs: roundTripMs / 2 };
}
