// A walk through some of the pages that stops to look: what every one of them is given.
import type { TestBrowser } from "./browser.ts";
import type { Look } from "./look.ts";
import { poll } from "./poll.ts";
import type { TestServer } from "./server.ts";

export interface Tour {
  server: TestServer;
  browser: TestBrowser;
  look: Look;
}

export const camera = { width: 640, height: 360 };

/** Resolves when so much of the film is there. */
export async function filmed(server: TestServer, recording: string, toMs: number): Promise<void> {
  const grown = async () => (await server.api.recording(recording)).composition.watermarkMs >= toMs;
  await poll(grown, { what: `the film has grown to ${toMs} ms`, limitMs: toMs + 60_000, everyMs: 200 });
}
