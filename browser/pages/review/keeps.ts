// What a recording keeps of what its room asked of reviewers once, where the room asks something else by now: said, and why. Pure.
import type { Feedback } from "../../../protocol/feedback.ts";
import { t } from "../words.ts";
import { markerName } from "./badge.tsx";

/** What a room asks, or what is asked about one recording of it. */
export type Guide = Pick<Feedback, "markers" | "ownMarkers" | "rubric" | "independent">;

/** In words; null: this recording goes with its room. */
export interface Keeps {
  rubric: string | null;
  markers: string | null;
}

export function keepsOf(recording: Guide, room: Guide): Keeps {
  const { rubric, markers, ownMarkers } = recording;
  const names = markers.map((marker) => markerName(marker, ownMarkers)).join(", ");
  return {
    rubric: rubric && !same(rubric, room.rubric) ? t("feedback:guide.keepsRubric", { title: rubric.title }) : null,
    markers: same(markers, room.markers) ? null : t("feedback:guide.keepsMarkers", { names }),
  };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
