import i18next from "i18next";
import { expect, test } from "vitest";
import { type Rubric, usualMarkers } from "../../../protocol/feedback.ts";
import german from "../words/de/feedback.json";
import { begin } from "../words.ts";
import { type Guide, keepsOf } from "./keeps.ts";

const rubric = (title: string): Rubric => ({
  title,
  items: [
    {
      id: "calm",
      title: "Calm",
      scale: [
        { value: 1, anchor: "no" },
        { value: 2, anchor: "yes" },
      ],
    },
  ],
});
const guide = (change: Partial<Guide> = {}): Guide => ({
  markers: [...usualMarkers],
  ownMarkers: false,
  rubric: rubric("Listening"),
  independent: false,
  ...change,
});
const own = { markers: [{ id: "gold", name: "Gold", colour: "amber" as const }], ownMarkers: true };

test("a recording that goes with its room keeps nothing, whether the room has a rubric or none", () => {
  expect(keepsOf(guide(), guide())).toEqual({ rubric: null, markers: null });
  expect(keepsOf(guide({ rubric: null }), guide({ rubric: null }))).toEqual({ rubric: null, markers: null });
});

test("a recording with scores says that it keeps its rubric, and why, whether the room chose another or none", () => {
  for (const next of [rubric("Speaking"), null]) {
    const { rubric: words, markers } = keepsOf(guide(), guide({ rubric: next }));
    expect(words).toContain("This recording keeps “Listening”, because it was scored by it.");
    expect(markers).toBeNull();
  }
});

test("a recording with marked comments says which markers it keeps, as they are called here", () => {
  expect(keepsOf(guide(), guide(own)).markers).toContain("Strength, To try next time, Open question, Reflection, Interruption");
  expect(keepsOf(guide(own), guide()).markers).toContain("Gold");
});

// Last, because it ends in the other language.
test("in German it is said in German", async () => {
  await begin("de");
  i18next.addResourceBundle("de", "feedback", german);
  expect(keepsOf(guide(), guide({ rubric: null, ...own }))).toEqual({
    rubric:
      "Diese Aufnahme behält „Listening“, weil sie danach bewertet wurde. Was hier gewählt ist, gilt für Aufnahmen, die noch nicht bewertet sind.",
    markers:
      "Diese Aufnahme behält ihre Markierungen, weil Kommentare sie tragen: Stärke, Nächstes Mal versuchen, Offene Frage, Spiegelung, Unterbrechung. Was hier steht, gilt für Aufnahmen, die noch keine tragen.",
  });
});
