// A name as its owner's browser draws it: a small picture of how strongly ink covers each pixel, so that any script is shaped by whoever can.
// Promise: what is unpacked has exactly the size it says, or is refused; there is no codec in it.
import * as z from "zod/mini";
import { ProtocolError } from "./errors.ts";

export const plateMaxWidth = 1024;
export const plateMaxHeight = 64;

/** `data`: base64 of bytes, each a run of pixels in reading order: the upper four bits say how much ink (0–15), the lower four how many pixels less one. */
export const Plate = z.object({
  width: z.int().check(z.gte(1), z.lte(plateMaxWidth)),
  height: z.int().check(z.gte(1), z.lte(plateMaxHeight)),
  data: z.string().check(z.maxLength(40_000), z.regex(/^[A-Za-z0-9+/]*={0,2}$/)),
});
export type Plate = z.infer<typeof Plate>;

/** What lies beside a track: what its participant was called when it began, and how their browser draws that; null: it did not say. */
export const NamePlate = z.object({ name: z.string().check(z.maxLength(80)), plate: z.nullable(Plate) });
export type NamePlate = z.infer<typeof NamePlate>;

/** Ink per pixel in reading order, 0–255. `ink` has one byte a pixel. */
export interface Ink {
  width: number;
  height: number;
  ink: Uint8Array;
}

/** Null: too complicated to be packed into what a plate may hold. */
export function packPlate({ width, height, ink }: Ink): Plate | null {
  const runs: number[] = [];
  for (let at = 0; at < ink.length; ) {
    const level = levelOf(ink[at]!);
    let length = 1;
    while (length < 16 && at + length < ink.length && levelOf(ink[at + length]!) === level) length++;
    runs.push((level << 4) | (length - 1));
    at += length;
  }
  const plate = Plate.safeParse({ width, height, data: textOf(runs) });
  return plate.success ? plate.data : null;
}

/** Throws ProtocolError("malformed") where the runs do not make up exactly the picture. */
export function unpackPlate({ width, height, data }: Plate): Ink {
  const ink = new Uint8Array(width * height);
  let at = 0;
  for (const run of bytesOf(data)) {
    const end = at + (run & 15) + 1;
    if (end > ink.length) throw new ProtocolError("malformed", "a plate with more pixels than it says");
    ink.fill((run >> 4) * 17, at, end);
    at = end;
  }
  if (at !== ink.length) throw new ProtocolError("malformed", "a plate with fewer pixels than it says");
  return { width, height, ink };
}

// Neither the DOM's nor Node's base64: this folder runs anywhere.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function textOf(bytes: readonly number[]): string {
  let out = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two, three] = bytes.slice(at, at + 3);
    const bits = (one << 16) | ((two ?? 0) << 8) | (three ?? 0);
    out += alphabet[bits >> 18]! + alphabet[(bits >> 12) & 63]!;
    out += two === undefined ? "==" : alphabet[(bits >> 6) & 63]! + (three === undefined ? "=" : alphabet[bits & 63]!);
  }
  return out;
}

function bytesOf(text: string): number[] {
  if (text.length % 4 !== 0) throw new ProtocolError("malformed", "a plate that is not base64");
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += 4) {
    const values = [...text.slice(at, at + 4)].filter((letter) => letter !== "=").map((letter) => alphabet.indexOf(letter));
    const bits = values.reduce((sum, value) => (sum << 6) | value, 0) << (6 * (4 - values.length));
    bytes.push(...[bits >> 16, (bits >> 8) & 255, bits & 255].slice(0, values.length - 1));
  }
  return bytes;
}

const levelOf = (ink: number) => ((ink + 8) / 17) | 0;
