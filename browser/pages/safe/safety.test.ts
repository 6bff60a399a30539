import fc from "fast-check";
import i18next from "i18next";
import { afterEach, expect, test, vi } from "vitest";
import type { UploadStatus } from "../../upload/uploads.ts";
import { statusWith } from "../status.fixture.ts";
import german from "../words/de/errors.json" with { type: "json" };
import germanSafe from "../words/de/safe.json" with { type: "json" };
import { begin } from "../words.ts";
import { safetyOf, troubleOf } from "./safety.ts";

const base = statusWith();

test("what is to go is said in megabytes and seconds", () => {
  expect(safetyOf([base], 1_500_000).sentence).toBe("Keep this tab open: 3 MB to go, about 2 seconds.");
  expect(safetyOf([base], null).sentence).toBe("Keep this tab open: 3 MB to go.");
});

test("somebody not recorded may go at once", () => {
  expect(safetyOf([], null).sentence).toBe("You were not recorded. You can close this tab.");
});

test("what an earlier page or another device sent of me is told as the server tells it", () => {
  const { participant, source, gaps } = { participant: { id: "par", name: "Asha" }, source: "camera" as const, gaps: [] };
  const own = (state: "safe" | "uploading" | "partial") => ({ participant, source, gaps, state, recordedMs: 9000, safeMs: 9000 });
  expect(safetyOf([], null, [own("safe")])).toMatchObject({ kind: "safe", sentence: "Everything is safe. You can close this tab." });
  for (const state of ["uploading", "partial"] as const)
    expect(safetyOf([], null, [own("safe"), own(state)])).toMatchObject({
      kind: "sent",
      sentence: "Nothing is left to send from here. You can close this tab.",
    });
  // What lies here counts first.
  expect(safetyOf([base], null, [own("safe")]).kind).toBe("sending");
});

test("a lost connection says first what is safe", () => {
  expect(safetyOf([{ ...base, state: "offline" }], null).sentence).toBe(
    "1 MB are safe on the server, 3 MB are safe on this device. The connection is gone; we keep trying. Keep this tab open.",
  );
});

test("a full disk says that everything is kept", () => {
  expect(safetyOf([{ ...base, state: "disk-full" }], null).sentence).toContain("Kept safe on this device.");
});

afterEach(() => vi.unstubAllGlobals());

test("what is lost is said also while the connection is gone, and still when everything else is safe", () => {
  vi.stubGlobal("navigator", { languages: ["en"] });
  const lost = "The server lost a part of your recording that this browser could not keep.";
  const status: UploadStatus = { ...base, storage: "memory", code: "kept-lost", message: lost };
  expect(safetyOf([base, { ...status, state: "offline" }], null)).toMatchObject({ kind: "trouble", sentence: lost });
  expect(
    safetyOf(
      [
        { ...base, state: "safe" },
        { ...status, state: "safe" },
      ],
      null,
    ),
  ).toMatchObject({
    kind: "safe",
    sentence: `${lost} Everything else is safe. You can close this tab.`,
  });
});

test("a connection that is gone is said with what is safe where, also where the upload has a sentence of its own for it", () => {
  const code = "unreachable";
  const message = "Kept in this tab only: leave it open. No connection to the server; we keep trying.";
  expect(safetyOf([{ ...base, state: "offline", storage: "memory", code, message }], null).sentence).toBe(
    "1 MB are safe on the server, 3 MB only in this tab. The connection is gone; we keep trying. Keep this tab open.",
  );
});

test("all bytes acked but not yet sealed is not called safe", () => {
  expect(safetyOf([{ ...base, bytesSafe: base.bytesKept }], 1).sentence).toBe(
    "Keep this tab open: the server is checking that all of it arrived.",
  );
});

const state = fc.constantFrom("recording", "sending", "offline", "disk-full", "refused", "safe" as const);
const status = fc.record({ state, bytesKept: fc.nat(), bytesSafe: fc.nat() }).map((some) => ({ ...base, ...some }));

test("safe is said exactly when every track is safe", () => {
  fc.assert(
    fc.property(fc.array(status, { minLength: 1, maxLength: 4 }), (all) => {
      const safety = safetyOf(all, null);
      expect(safety.sentence === "Everything is safe. You can close this tab.").toBe(all.every((one) => one.state === "safe"));
      expect(safety.share).toBeGreaterThanOrEqual(0);
      expect(safety.share).toBeLessThanOrEqual(1);
    }),
  );
});

// Last, because it ends in the other language.
test("what is the matter is said in the person's language, and says no more than is known", async () => {
  vi.stubGlobal("navigator", { languages: ["de-AT"] });
  await begin("de");
  i18next.addResourceBundle("de", "errors", german);
  i18next.addResourceBundle("de", "safe", germanSafe);
  const full = { ...base, state: "disk-full", code: "server-full", message: "Kept safe on this device. The server …" } as const;
  expect(safetyOf([full], null).sentence).toBe("Sicher auf diesem Gerät. Der Server hat mehr zu tun, als er schafft.");
  expect(troubleOf({ ...full, state: "refused", code: "not-taken", storage: "memory" })).toBe(
    "Nur in diesem Tab: Lass ihn offen. Der Server hat einen Teil deiner Aufnahme abgelehnt.",
  );
  // Nothing is safe that is lost.
  expect(troubleOf({ ...full, state: "recording", code: "kept-overfull" })).toMatch(/^Weder dieses Gerät .* verloren\.$/);
  vi.stubGlobal("navigator", { languages: ["en"] });
  expect(troubleOf(full)).toBe(full.message);
});
