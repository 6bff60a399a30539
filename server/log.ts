// What the process says: its log, line by line, and to the person who started it where to click.
// Promise: whoever read it may go away (`npm start | head`), and neither a call nor the end of the process suffers.
import type { AddressInfo } from "node:net";
import { type Logger, pino } from "pino";

/** A log that nobody takes any more holds up the end for no longer, ms. */
const patienceMs = 1000;

export interface Log {
  log: Logger;
  /** Everything said so far is out, or nobody reads it. At the exit pino would try to write what is left until it can, without end. */
  written(): Promise<void>;
}

export function openLog(level: string): Log {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  // Not in step with the reader: one who stands still must not hold up a call.
  const out = pino.destination({ fd: process.stdout.fd, sync: false });
  const written = () =>
    new Promise<void>((resolve) => {
      out.once("drain", resolve).once("error", () => resolve());
      setTimeout(resolve, patienceMs);
    });
  return { log: pino({ level }, out), written };
}

/** The one thing a person who starts it needs: where to click. */
export function announce({ port }: AddressInfo, publicUrl: string | undefined, admin: string): void {
  const base = publicUrl?.replace(/\/$/, "") ?? `http://localhost:${port}`;
  process.stdout.write(
    `\n  Doubletake is running.\n  Open ${base}/#admin=${admin}\n  Keep that link to yourself: it can create and list rooms.\n\n`,
  );
}
