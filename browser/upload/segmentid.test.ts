import { getType, toUUID } from "typeid-js";
import { expect, test } from "vitest";
import { SegmentId } from "../../protocol/recording.ts";
import { makeSegmentId } from "./segmentid.ts";

test("a segment's name is a TypeID over a UUIDv7 of the moment it was made", () => {
  const id = makeSegmentId(1_766_000_000_123);
  expect(SegmentId.safeParse(id).success).toBe(true);
  expect(getType(id as never)).toBe("seg");
  const uuid = toUUID(id as never);
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(uuid.replaceAll("-", "").slice(0, 12), 16)).toBe(1_766_000_000_123);
});

test("names made one after the other are in order, and no two are the same", () => {
  const ids = Array.from({ length: 500 }, (_, index) => makeSegmentId(1_766_000_000_000 + index));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 500 }, () => makeSegmentId(0))).size).toBe(500);
});
