import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Keys } from "./keys.ts";

const fresh = () => mkdtempSync(join(tmpdir(), "doubletake-keys-"));

test("secrets are made once, kept with mode 0600 and found again", () => {
  const folder = fresh();
  const first = new Keys(folder);
  expect(new Keys(folder).admin).toBe(first.admin);
  expect(statSync(join(folder, "admin.key")).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "master.key")).mode & 0o777).toBe(0o600);
});

test("a room key opens its role in its room and generation, and nothing else", () => {
  const keys = new Keys(fresh(), "an-admin-key-of-the-test");
  const guest = keys.room("room_a", "guest", 1);
  expect(keys.standing(guest, "room_a", 1)).toBe("guest");
  expect(keys.standing(guest, "room_b", 1)).toBeNull();
  expect(keys.standing(guest, "room_a", 2)).toBeNull();
  expect(keys.standing(null, "room_a", 1)).toBeNull();
  expect(keys.standing("an-admin-key-of-the-test", "room_a", 1)).toBe("admin");
});

test("a room key holds 192 random-looking bits and no two are alike", () => {
  const keys = new Keys(fresh());
  const all = ["host", "guest", "observer"].flatMap((role) => ["room_a", "room_b"].map((room) => keys.room(room, role as "host", 1)));
  expect(new Set(all).size).toBe(all.length);
  for (const key of all) expect(Buffer.from(key, "base64url")).toHaveLength(24);
});

test("a media token is good for one recording until it expires, and says by whose link it was handed out", () => {
  const keys = new Keys(fresh());
  const token = keys.media("rec_a", 2000);
  expect(keys.opensMedia(token, "rec_a", 1999)).toBe("");
  expect(keys.opensMedia(token, "rec_a", 2000)).toBeNull();
  expect(keys.opensMedia(token, "rec_b", 1999)).toBeNull();
  expect(keys.opensMedia(token.replace("2000", "9999"), "rec_a", 1999)).toBeNull();
  expect(keys.opensMedia("nonsense", "rec_a", 0)).toBeNull();
  const shared = keys.media("rec_a", 2000, "shr_a");
  expect(keys.opensMedia(shared, "rec_a", 1999)).toBe("shr_a");
  expect(keys.opensMedia(shared.replace("shr_a", ""), "rec_a", 1999)).toBeNull();
});

test("a link's key, its passphrase and a reviewer's identity are each a secret of their own", () => {
  const keys = new Keys(fresh());
  const all = [
    keys.share("x"),
    keys.unlocked("x", "salt"),
    keys.unlocked("x", "other"),
    keys.reviewer("x"),
    keys.participant("x"),
    keys.track("x"),
  ];
  expect(new Set(all).size).toBe(all.length);
  expect(keys.opensShare(keys.share("x"), "x")).toBe(true);
  expect(keys.opensShare(keys.share("x"), "y")).toBe(false);
  expect(keys.opensUnlocked(keys.unlocked("x", "salt"), "x", "other")).toBe(false);
  expect(keys.opensReviewer(keys.reviewer("x"), "y")).toBe(false);
});

test("an empty key file, as a power cut leaves it, is replaced and never used as a secret", () => {
  const folder = fresh();
  writeFileSync(join(folder, "master.key"), "");
  const keys = new Keys(folder);
  expect(readFileSync(join(folder, "master.key"), "utf8").trim().length).toBeGreaterThan(40);
  expect(new Keys(folder).track("trk_a")).toBe(keys.track("trk_a"));
});
