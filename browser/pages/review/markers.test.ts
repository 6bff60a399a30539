import { expect, test } from "vitest";
import { usualMarkers } from "../../../protocol/feedback.ts";
import { markersOf } from "./markers.ts";

const usual = usualMarkers.map(({ name }) => name);
const idsOf = (lines: string[], before = usualMarkers) => markersOf(lines.join("\n"), before).map(({ id }) => id);

test("one more marker leaves the usual ones as they are", () => {
  const markers = markersOf([...usual, "Humour"].join("\n"), usualMarkers);
  expect(markers.slice(0, 5)).toEqual(usualMarkers);
  expect(markers[5]).toMatchObject({ id: "Humour", name: "Humour" });
});

test("a marker that is called otherwise keeps its id and colour, wherever it stands", () => {
  const [first, ...rest] = usual;
  expect(markersOf(["Well done", ...rest].join("\n"), usualMarkers)[0]).toEqual({ ...usualMarkers[0], name: "Well done" });
  expect(idsOf([first!, "Next", "Question", ...usual.slice(3)])).toEqual(usualMarkers.map(({ id }) => id));
  expect(idsOf([first!, "Next", ...usual.slice(2), "Humour"]).slice(0, 2)).toEqual(["strength", "try-next"]);
});

test("markers that changed places, or one of which is gone, keep their ids", () => {
  expect(idsOf(usual.toReversed())).toEqual(usualMarkers.map(({ id }) => id).toReversed());
  expect(idsOf(usual.filter((_, index) => index !== 2))).toEqual(["strength", "try-next", "reflection", "interruption"]);
});

test("where two new names stand in the place of one, neither takes its id", () => {
  expect(idsOf(["A", "B", ...usual.slice(1)]).slice(0, 2)).toEqual(["A", "B"]);
});

test("no two have the same id, also when a name comes back that another one had", () => {
  const once = markersOf("A\nB", []);
  const twice = markersOf("C\nB\nA", once);
  const long = "x".repeat(40);
  expect(twice.map(({ id, name }) => [id, name])).toEqual([
    ["C", "C"],
    ["B", "B"],
    ["A", "A"],
  ]);
  const renamed = markersOf("A2\nB", once);
  expect(renamed.map(({ id }) => id)).toEqual(["A", "B"]);
  expect(markersOf("A2\nB\nA", renamed).map(({ id }) => id)).toEqual(["A", "B", "A 2"]);
  const longOnes = markersOf(`other\nB\n${long}`, [{ id: long, name: "other", colour: "blue" }]);
  expect(longOnes.map(({ id }) => id)).toEqual([long, "B", `${"x".repeat(38)} 2`]);
});

test("empty lines and lines that are there twice make no markers, and nobody gets more than twelve", () => {
  expect(idsOf(["", " A ", "A", "  "], [])).toEqual(["A"]);
  expect(
    idsOf(
      Array.from({ length: 20 }, (_, index) => `${index}`),
      [],
    ),
  ).toHaveLength(12);
});
