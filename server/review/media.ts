// Serves bytes by range: one file, or several laid end to end as if they were one (the film is its header and its windows).
// Promise: what lies in the files is what is sent; nothing is copied or held in memory beyond one read.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";

/** So many bytes of a file, from its beginning or from another place on; or bytes at hand. */
export type Part = { path: string; bytes: number; from?: number } | { data: Uint8Array; bytes: number };

/** Bytes to serve, the strong tag that names them, and how they are called when downloaded. */
export interface Media {
  parts: Part[];
  tag: string;
  type: string;
  name: string;
}

/** `name`: with the extension. A file that is made anew has another time, and so another tag. Throws what the file system says. */
export async function mediaOf(paths: readonly string[], name: string, type = typeOf(name)): Promise<Media> {
  const found = await Promise.all(paths.map(async (path) => ({ path, stats: await stat(path) })));
  const parts = found.map(({ path, stats }) => ({ path, bytes: stats.size }));
  return { parts, tag: tagOf(JSON.stringify(found.map(({ path, stats }) => [path, stats.size, stats.mtimeMs]))), type, name };
}

/** What is put together: tagged by what it is made of. A file's name has to change when its bytes do. */
export function mediaOfParts(parts: Part[], name: string): Media {
  const named = parts.map((part) => ("data" in part ? tagOf(part.data) : [part.path, part.from, part.bytes]));
  return { parts, tag: tagOf(JSON.stringify(named)), type: typeOf(name), name };
}

export function mediaOfBytes(data: Uint8Array, name: string): Media {
  return { parts: [{ data, bytes: data.length }], tag: tagOf(data), type: typeOf(name), name };
}

export function tagOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url").slice(0, 22);
}

const types: Record<string, string> = {
  mp4: "video/mp4",
  webm: "video/webm",
  mkv: "video/x-matroska",
  m4s: "video/iso.segment",
  m4a: "audio/mp4",
  wav: "audio/wav",
  flac: "audio/flac",
  jpg: "image/jpeg",
  vtt: "text/vtt; charset=utf-8",
};

function typeOf(name: string): string {
  return types[/\.(\w+)$/.exec(name)?.[1] ?? ""] ?? "application/octet-stream";
}

export interface Served {
  status: 200 | 206 | 304 | 416;
  headers: Record<string, string>;
  body: Readable | null;
}

export interface MediaRequest {
  range?: string | undefined;
  ifNoneMatch?: string | undefined;
  ifRange?: string | undefined;
  /** HEAD: the same headers and no body. A range means nothing there (RFC 9110, 14.2). */
  headOnly?: boolean;
}

/** `tag`: names these very bytes (RFC 9110 strong ETag, without the quotes). One range is served; several, or a malformed one, give the whole. */
export function serve(parts: readonly Part[], tag: string, request: MediaRequest): Served {
  const total = parts.reduce((sum, part) => sum + part.bytes, 0);
  const etag = `"${tag}"`;
  const headers: Record<string, string> = { "accept-ranges": "bytes", etag };
  // Compared weakly, as it is meant for caches (13.1.2); If-Range strongly (13.1.5).
  const known = request.ifNoneMatch?.split(",").map((one) => one.trim().replace(/^W\//, ""));
  if (known?.some((one) => one === etag || one === "*")) return { status: 304, headers, body: null };
  const ranged = !request.headOnly && (!request.ifRange || request.ifRange === etag);
  const wanted = ranged ? parseRange(request.range, total) : null;
  if (wanted === "unsatisfiable") return { status: 416, headers: { ...headers, "content-range": `bytes */${total}` }, body: null };
  const { from, to } = wanted ?? { from: 0, to: total - 1 };
  headers["content-length"] = String(to - from + 1);
  if (wanted) headers["content-range"] = `bytes ${from}-${to}/${total}`;
  const body = request.headOnly ? null : Readable.from(read(parts, from, to), { objectMode: false });
  return { status: wanted ? 206 : 200, headers, body };
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
      if ("data" in part) yield Buffer.from(part.data.subarray(Math.max(0, from - start), Math.min(part.bytes, to - start + 1)));
      else {
        const { path, bytes, from: first = 0 } = part;
        yield* createReadStream(path, {
          start: first + Math.max(0, from - start),
          end: first + Math.min(bytes - 1, to - start),
          highWaterMark: 256 * 1024,
        }) as AsyncIterable<Buffer>;
      }
    }
    start = end;
  }
}
