// Where the repository is, and folders that go away with the test that asked for them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Place {
  readonly path: string;
  close(): void;
}

export function place(name: string): Place {
  const path = mkdtempSync(join(tmpdir(), `doubletake-${name}-`));
  return { path, close: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) };
}
