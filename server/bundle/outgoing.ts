// A zip as it is sent: what it is made of, one after the other, stored as it lies, and the manifest last.
// Promise: its length is known before its first byte is read; nothing is kept or copied; whoever stops reading stops the reading of files.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import yazl from "yazl";
import { type BundleFile, bundleFormat, bundleVersion, type Manifest, manifestPath } from "../../protocol/bundle.ts";

/** A file of the zip: bytes at hand, or the pieces of which it consists. */
export type Source = { path: string } & ({ data: Buffer } | { pieces: { path: string; bytes: number }[] });

/** Stored, not packed: media do not shrink, and so the length is known before the first byte is read. The manifest is last, when all hashes are known. */
export function zipOf(sources: readonly Source[], madeAt: Date): { flow: Readable; bytes: number } {
  const zip = new yazl.ZipFile();
  const out = zip.outputStream as Readable;
  const files: BundleFile[] = sources.map((source) => ({ path: source.path, bytes: bytesOf(source), sha256: "0".repeat(64) }));
  const manifest = (): Buffer => {
    const whole: Manifest = { format: bundleFormat, version: bundleVersion, madeAt: madeAt.toISOString(), files };
    return Buffer.from(`${JSON.stringify(whole, null, 1)}\n`);
  };
  const reading = new Set<Readable>();
  const add = (path: string, size: number, open: () => Readable) =>
    zip.addReadStreamLazy(path, { size, compress: false, mtime: madeAt }, (done) => {
      const stream = open();
      reading.add(stream);
      stream.once("error", (error) => out.destroy(error)).once("close", () => reading.delete(stream));
      done(null, stream);
    });
  for (const [index, source] of sources.entries())
    add(source.path, files[index]!.bytes, () => hashed(contentOf(source), (sha256) => (files[index]!.sha256 = sha256)));
  // As long as it will be: only digits change.
  add(manifestPath, manifest().length, () => Readable.from([manifest()]));
  zip.on("error", (error: Error) => out.destroy(error));
  // Nobody reads it any more.
  out.once("close", () => {
    for (const stream of reading) stream.destroy();
  });
  let bytes = -1;
  const told = (total: number) => {
    bytes = total;
  };
  // Its types forget what it is called with.
  zip.end(undefined, told as () => void);
  return { flow: out, bytes };
}

function bytesOf(source: Source): number {
  return "data" in source ? source.data.length : source.pieces.reduce((sum, { bytes }) => sum + bytes, 0);
}

function contentOf(source: Source): Readable {
  return Readable.from("data" in source ? [source.data] : readPieces(source.pieces), { objectMode: false });
}

async function* readPieces(pieces: readonly { path: string; bytes: number }[]): AsyncGenerator<Buffer> {
  for (const { path, bytes } of pieces)
    if (bytes > 0) yield* createReadStream(path, { end: bytes - 1, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
}

function hashed(stream: Readable, told: (sha256: string) => void): Readable {
  const hash = createHash("sha256");
  const through = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      told(hash.digest("hex"));
      done();
    },
  });
  stream.on("error", (error) => through.destroy(error));
  through.once("close", () => stream.destroy());
  return stream.pipe(through);
}
