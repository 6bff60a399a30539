import { expect, test } from "vitest";
import { type Feedback, usualMarkers } from "../../../protocol/feedback.ts";
import { markerCalled } from "./badge.tsx";

test("a marker that the room no longer has is called as it was: the usual ones in the reader's language, others by their id", () => {
  const feedback = { markers: [{ id: "strength", name: "Well done", colour: "green" }], ownMarkers: true } as unknown as Feedback;
  expect(markerCalled("strength", feedback)).toBe("Well done");
  expect(markerCalled("try-next", feedback)).toBe("To try next time");
  expect(markerCalled("Humour", feedback)).toBe("Humour");
  expect(markerCalled("strength", { ...feedback, markers: [...usualMarkers], ownMarkers: false })).toBe("Strength");
});
