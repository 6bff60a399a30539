import { expect, test } from "vitest";
import type { Recording, Track } from "../../../protocol/api.ts";
import { certificateOf, sentencesOf, withinText } from "./certificate.ts";

function track(name: string, uncertaintyMs: number, more: Partial<Track> & { doubts?: Track["clock"]["doubts"] } = {}): Track {
  const { doubts, ...rest } = more;
  return {
    id: `trk_${name}`,
    participant: { id: `par_${name}`, name },
    source: "camera",
    clock: { offsetMs: 0, driftPpm: 0, uncertaintyMs, ...(doubts ? { doubts } : {}) },
    gaps: [],
    segments: [{}],
    ...rest,
  } as unknown as Track;
}

const film = (...tracks: Track[]) => certificateOf({ tracks } as unknown as Recording);

test("the film is as well in sync as the two people known least", () => {
  const found = film(track("Asha", 4), track("Ben", 3.2), track("Chen", 1));
  expect(found?.headline).toBe("In sync within 8 ms");
  expect(found?.grade).toBe("fine");
});

test("a screen does not make its owner a second person", () => {
  expect(film(track("Asha", 4), track("Asha", 5, { source: "screen" }))).toBeNull();
});

test("alone there is nothing to be in sync with", () => {
  expect(film(track("Asha", 4))).toBeNull();
});

test("figures are rounded up", () => {
  expect([0, 7.01, 999, 1001, 5012].map(withinText)).toEqual(["1 ms", "8 ms", "999 ms", "1.1 seconds", "5.1 seconds"]);
});

test("a long way to the server is named as the reason", () => {
  const asha = track("Asha", 80, { doubts: ["path"] });
  expect(sentencesOf(asha).join(" ")).toContain("the way between Asha's browser and the server was long");
  const found = film(asha, track("Ben", 4), track("Chen", 2));
  expect(found?.grade).toBe("rough");
  expect(found?.explained.join(" ")).toContain("Ben and Asha are the two known least well");
});

test("a correction is told with its size, a confirmation as one", () => {
  const hearing = { verdict: "corrected", correctionMs: -196.8, uncertaintyMs: 15 } as const;
  expect(sentencesOf(track("Ben", 15, { hearing })).join(" ")).toContain("Moved by 197 ms");
  const confirmed = { verdict: "confirmed", correctionMs: 0, uncertaintyMs: 15 } as const;
  expect(sentencesOf(track("Ben", 4, { hearing: confirmed }))).toEqual(["In place within 4 ms, confirmed by what was heard."]);
  expect(film(track("Asha", 4, { hearing: confirmed }), track("Ben", 15, { hearing }))?.explained.join(" ")).toContain(
    "The clock of Ben was off",
  );
});

test("nothing is said of a track that nothing has arrived of", () => {
  expect(sentencesOf(track("Ben", 0, { segments: [] }))).toEqual([]);
});
