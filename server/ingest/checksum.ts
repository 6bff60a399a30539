// tus' checksum extension: a PATCH may say what its bytes hash to, and is taken whole or not at all.
import { createHash } from "node:crypto";
import { ProtocolError, UserError } from "../../protocol/errors.ts";

export const checksumAlgorithms = ["sha1", "sha256"];
/** Held in memory until its last byte is here, bytes. */
const checkedMaxBytes = 8 * 1024 * 1024;

export interface Checksum {
  algorithm: string;
  digest: Buffer;
}

/** Of `Upload-Checksum: sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`; null without one. */
export function checksumOf(header: string | string[] | undefined): Checksum | null {
  if (header === undefined) return null;
  const [, algorithm = "", digest = ""] = /^([a-z0-9]+) ([A-Za-z0-9+/]+=*)$/.exec(String(header)) ?? [];
  if (!checksumAlgorithms.includes(algorithm))
    throw new ProtocolError("malformed", `upload-checksum: one of ${checksumAlgorithms.join(", ")}`);
  return { algorithm, digest: Buffer.from(digest, "base64") };
}

/** All of a body, once it was seen to be what the checksum says. */
export async function* checked(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  { algorithm, digest }: Checksum,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const held: Uint8Array<ArrayBuffer>[] = [];
  const hash = createHash(algorithm);
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > checkedMaxBytes) throw new UserError("too-large", `A PATCH with a checksum may carry at most ${checkedMaxBytes} bytes.`);
    hash.update(piece);
    held.push(piece);
  }
  // 460 is what tus says for it.
  if (!hash.digest().equals(digest))
    throw Object.assign(new Error("The bytes do not have the checksum that was sent with them."), { statusCode: 460 });
  yield* held;
}
