// Good recordings made bad by chance: bits, bytes, lengths and pieces. Pure.
// Promise: the same seed and number give the same file.
import { Random } from "../chaos/random.ts";
import type { Seed } from "./seeds.ts";

/** Beginnings of what a scanner looks for: a blow near one of them does more than one anywhere. */
const marks = [
  "1f43b675",
  "a3",
  "a0",
  "e7",
  "1654ae6b",
  "6d6f6f66",
  "74726166",
  "7472756e",
  "74666474",
  "6d646174",
  "6d6f6f76",
  "73747364",
].map((digits) => Buffer.from(digits, "hex"));
const telling = [0, 1, 7, 8, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];

type Blow = (bytes: Buffer, random: Random, seeds: readonly Seed[]) => Buffer;

const placeIn = (bytes: Buffer, random: Random) => Math.floor(random.next() * bytes.length);
const span = (bytes: Buffer, random: Random, most: number): [number, number] => {
  const from = placeIn(bytes, random);
  return [from, Math.min(bytes.length, from + 1 + Math.floor(random.next() ** 2 * most))];
};

const blows: readonly Blow[] = [
  (bytes, random) => {
    for (let left = 1 + Math.floor(random.next() * 20); left > 0; left--) {
      const at = placeIn(bytes, random);
      bytes[at] = bytes[at]! ^ (1 << Math.floor(random.next() * 8));
    }
    return bytes;
  },
  (bytes, random) => {
    for (let left = 1 + Math.floor(random.next() * 8); left > 0; left--) bytes[placeIn(bytes, random)] = Math.floor(random.next() * 256);
    return bytes;
  },
  (bytes, random) => bytes.fill(0, ...span(bytes, random, 2000)),
  (bytes, random) => bytes.fill(255, ...span(bytes, random, 400)),
  (bytes, random) => {
    const [from, to] = span(bytes, random, 1000);
    for (let at = from; at < to; at++) bytes[at] = Math.floor(random.next() * 256);
    return bytes;
  },
  (bytes, random) => bytes.subarray(0, Math.max(13, placeIn(bytes, random))),
  (bytes, random) => {
    const [from, to] = span(bytes, random, 3000);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, random) => {
    const [from, to] = span(bytes, random, 6000);
    const at = placeIn(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)]);
  },
  (bytes, random, seeds) => {
    const other = random.pick(seeds).bytes;
    const [from, to] = span(other, random, 8000);
    const at = placeIn(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
  },
  (bytes, random) => {
    const at = Math.max(0, placeIn(bytes, random) - 4);
    if (at + 4 <= bytes.length) bytes.writeUInt32BE(random.pick(telling), at);
    return bytes;
  },
  // In the head, where everything is decided.
  (bytes, random) => {
    const at = Math.floor(random.next() * Math.min(bytes.length, 700));
    bytes[at] = random.pick(telling) & 255;
    return bytes;
  },
  // Within the first bytes after a mark.
  (bytes, random) => {
    const mark = random.pick(marks);
    const found = bytes.indexOf(mark, placeIn(bytes, random));
    const at = (found < 0 ? Math.max(0, bytes.indexOf(mark)) : found) + mark.length + Math.floor(random.next() * 24);
    if (at < bytes.length) bytes[at] = random.next() < 0.5 ? Math.floor(random.next() * 256) : random.pick(telling) & 255;
    return bytes;
  },
];

/** The mutation of that number. */
export function mutated(seeds: readonly Seed[], seed: number, number: number): Seed {
  const random = new Random(seed * 1_000_003 + number);
  const from = seeds[number % seeds.length]!;
  let bytes: Buffer = Buffer.from(from.bytes);
  for (let left = 1 + Math.floor(random.next() * 4); left > 0; left--) bytes = Buffer.from(random.pick(blows)(bytes, random, seeds));
  return { name: `${from.name}, seed ${seed}, number ${number}`, bytes };
}
