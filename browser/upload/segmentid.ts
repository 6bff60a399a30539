// Names of segments: TypeIDs (https://github.com/jetify-com/typeid, 0.3) over UUIDv7 (RFC 9562), as the server makes its own.
// Here by hand: the library is larger than all the rest that the page needs to name a file.

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** `nowMs`: since 1970. */
export function makeSegmentId(nowMs = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  new DataView(bytes.buffer).setUint16(0, Math.floor(nowMs / 2 ** 32));
  new DataView(bytes.buffer).setUint32(2, nowMs % 2 ** 32);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  let rest = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = "";
  for (let digit = 0; digit < 26; digit++) {
    text = alphabet[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return `seg_${text}`;
}
