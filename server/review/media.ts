// Serves bytes by range: one file, or several laid end to end as if they were one (the film is its header and its windows).
// Promise: what lies in the files is what is sent; nothing is copied or held in memory beyond one read.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";

export interface Part {
  path: string;
  bytes: number;
}

export interface Served {
  status: 200 | 206 | 304 | 416;
  headers: Record<string, string>;
  body: Readable | null;
}

export async function partsOf(paths: readonly string[]): Promise<Part[]> {
  return Promise.all(paths.map(async (path) => ({ path, bytes: (await stat(path)).size })));
}

/** `tag`: names these very bytes (RFC 9110 strong ETag, without the quotes). One range is served; several, or a malformed one, give the whole. */
export function serve(
  parts: readonly Part[],
  tag: string,
  request: { range?: string | undefined; ifNoneMatch?: string | undefined; ifRange?: string | undefined },
): Served {
  const total = parts.reduce((sum, part) => sum + part.bytes, 0);
  const etag = `"${tag}"`;
  const headers: Record<string, string> = { "accept-ranges": "bytes", etag };
  if (request.ifNoneMatch?.split(",").some((known) => known.trim() === etag)) return { status: 304, headers, body: null };
  const wanted = request.ifRange && request.ifRange !== etag ? null : parseRange(request.range, total);
  if (wanted === "unsatisfiable") return { status: 416, headers: { ...headers, "content-range": `bytes */${total}` }, body: null };
  const { from, to } = wanted ?? { from: 0, to: total - 1 };
  headers["content-length"] = String(to - from + 1);
  if (wanted) headers["content-range"] = `bytes ${from}-${to}/${total}`;
  return { status: wanted ? 206 : 200, headers, body: Readable.from(read(parts, from, to), { objectMode: false }) };
}

/** `bytes=a-b`, `a-`, `-n` of one range (RFC 9110, 14.1.2). Null: send everything. Both ends inclusive. */
export function parseRange(header: string | undefined, total: number): { from: number; to: number } | null | "unsatisfiable" {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return null;
  if (match[1] === "") {
    const last = Number(match[2]);
    return last === 0 || total === 0 ? "unsatisfiable" : { from: Math.max(0, total - last), to: total - 1 };
  }
  const from = Number(match[1]);
  const to = match[2] === "" ? total - 1 : Math.min(Number(match[2]), total - 1);
  if (match[2] !== "" && Number(match[2]) < from) return null;
  return from >= total ? "unsatisfiable" : { from, to };
}

async function* read(parts: readonly Part[], from: number, to: number): AsyncGenerator<Buffer> {
  let start = 0;
  for (const part of parts) {
    const end = start + part.bytes;
    if (part.bytes > 0 && end > from && start <= to) {
      yield* createReadStream(part.path, {
        start: Math.max(0, from - start),
        end: Math.min(part.bytes - 1, to - start),
        highWaterMark: 256 * 1024,
      }) as AsyncIterable<Buffer>;
    }
    start = end;
  }
}
