import { mkdtemp, open, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { mediaOf, parseRange, serve } from "./media.ts";

async function parts(texts: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "doubletake-media-"));
  const paths = texts.map((_, i) => join(folder, String(i)));
  await Promise.all(texts.map((text, i) => writeFile(join(folder, String(i)), text)));
  return (await mediaOf(paths, "film.mp4")).parts;
}

async function text(body: AsyncIterable<Buffer> | null) {
  const chunks: Buffer[] = [];
  if (body) for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("any range of several files is that range of their concatenation", async () => {
  const pieces = await parts(["head", "", "first window", "2", "the end"]);
  const whole = "headfirst window2the end";
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(40), async (from, length) => {
      const served = serve(pieces, "t", { range: `bytes=${from}-${from + length}` });
      expect(served.status).toBe(206);
      const body = await text(served.body);
      expect(body).toBe(whole.slice(from, from + length + 1));
      expect(served.headers["content-length"]).toBe(String(body.length));
    }),
    { numRuns: 40 },
  );
});

test("no range gives everything; a range past the end gives 416 with the size", async () => {
  const pieces = await parts(["abc", "def"]);
  expect(await text(serve(pieces, "t", {}).body)).toBe("abcdef");
  const past = serve(pieces, "t", { range: "bytes=6-" });
  expect([past.status, past.headers["content-range"]]).toEqual([416, "bytes */6"]);
});

test("the same bytes are not sent again, and a range of other bytes is not mixed in", async () => {
  const pieces = await parts(["abc"]);
  expect(serve(pieces, "t", { ifNoneMatch: '"t"' }).status).toBe(304);
  expect(serve(pieces, "t", { range: "bytes=1-1", ifRange: '"other"' }).status).toBe(200);
});

test("ranges read as RFC 9110 says", () => {
  expect(parseRange("bytes=0-", 10)).toEqual({ from: 0, to: 9 });
  expect(parseRange("bytes=-3", 10)).toEqual({ from: 7, to: 9 });
  expect(parseRange("bytes=-30", 10)).toEqual({ from: 0, to: 9 });
  expect(parseRange("bytes=5-2", 10)).toBeNull();
  expect(parseRange("bytes=0-1,3-4", 10)).toBeNull();
  expect(parseRange("items=0-1", 10)).toBeNull();
  expect(parseRange("bytes=-0", 10)).toBe("unsatisfiable");
});

test("HEAD says the same as GET, whatever range it names, and sends nothing", async () => {
  const pieces = await parts(["abc", "def"]);
  const head = serve(pieces, "t", { headOnly: true, range: "bytes=0-1" });
  expect([head.status, head.body]).toEqual([200, null]);
  expect(head.headers).toEqual(serve(pieces, "t", {}).headers);
  expect(head.headers["content-length"]).toBe("6");
});

test("tags are compared weakly for caches and strongly for ranges", async () => {
  const pieces = await parts(["abc"]);
  expect(serve(pieces, "t", { ifNoneMatch: 'W/"t"' }).status).toBe(304);
  expect(serve(pieces, "t", { ifNoneMatch: "*" }).status).toBe(304);
  expect(serve(pieces, "t", { range: "bytes=1-1", ifRange: '"t"' }).status).toBe(206);
  expect(serve(pieces, "t", { range: "bytes=1-1", ifRange: 'W/"t"' }).status).toBe(200);
  expect(serve(pieces, "t", { range: "bytes=1-1", ifRange: "Thu, 26 Nov 2026 12:00:00 GMT" }).status).toBe(200);
});

test("a file that is made anew has another tag", async () => {
  const folder = await mkdtemp(join(tmpdir(), "doubletake-media-"));
  const path = join(folder, "sound.wav");
  await writeFile(path, "abc");
  await utimes(path, 1, 1);
  const before = await mediaOf([path], "sound.wav");
  await writeFile(path, "xyz");
  await utimes(path, 2, 2);
  expect((await mediaOf([path], "sound.wav")).tag).not.toBe(before.tag);
  expect(before.type).toBe("audio/wav");
});

test("ranges beyond 4 GB, and bytes at hand", async () => {
  const folder = await mkdtemp(join(tmpdir(), "doubletake-media-"));
  const path = join(folder, "large");
  const size = 5_000_000_000;
  const file = await open(path, "w");
  await file.truncate(size);
  await file.write("the end", size - 7);
  await file.close();
  const pieces = [{ data: Buffer.from("head"), bytes: 4 }, ...(await mediaOf([path], "large.mp4")).parts];
  const served = serve(pieces, "t", { range: `bytes=${size - 3}-` });
  expect([served.headers["content-range"], await text(served.body)]).toEqual([`bytes ${size - 3}-${size + 3}/${size + 4}`, "the end"]);
  expect(await text(serve(pieces, "t", { range: "bytes=1-5" }).body)).toBe("ead\0\0");
});
