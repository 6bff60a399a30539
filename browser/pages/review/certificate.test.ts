import i18next from "i18next";
import { expect, test } from "vitest";
import type { Recording, Track } from "../../../protocol/api.ts";
import german from "../words/de/review.json";
import { begin } from "../words.ts";
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

// Last, because it ends in the other language.
test("in German the film's certificate and what is said of each person are German, and so are their numbers", async () => {
  await begin("de");
  i18next.addResourceBundle("de", "review", german);
  const hearing = { verdict: "corrected", correctionMs: -1196.8, uncertaintyMs: 15 } as const;
  const asha = track("Asha", 80, { doubts: ["path", "busy", "start", "undated"] });
  const ben = track("Ben", 15, { hearing });
  expect(film(asha, ben, track("Chen", 2))).toEqual({
    headline: "Gleichzeitig bis auf 95 ms",
    grade: "rough",
    explained: [
      "Was im selben Moment geschah, ist bis auf 95 ms gleichzeitig zu sehen und zu hören, wen auch immer man vergleicht.",
      "Das ist etwa so lang wie 3 Bilder des Films. Am wenigsten genau bekannt sind Ben und Asha.",
      "Die Uhr von Ben ging falsch; was man voneinander hörte, hat es berichtigt.",
    ],
  });
  expect(sentencesOf(ben)).toEqual([
    "Liegt richtig bis auf 15 ms.",
    "Um 1,2 Sekunden verschoben: Was man voneinander hörte, zeigte, dass die Uhr von Ben falsch ging.",
  ]);
  const why = sentencesOf(asha)[1] ?? "";
  expect(why).toMatch(/^Genauer lässt es sich nicht wissen: der Weg .*; und der Rechner .*; und der Browser .*; und der Browser .*\.$/);
});
