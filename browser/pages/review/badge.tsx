// Somebody's colour and letter, and a marker's colour and name: never a colour alone.
import { type Feedback, type Marker, usualMarkers } from "../../../protocol/feedback.ts";
import { t } from "../words.ts";
import type { Face } from "./threads.ts";

export function Badge({ face }: { face: Face }) {
  return (
    <span class={`badge hue-${face.colour}`} aria-hidden="true">
      {face.letter}
    </span>
  );
}

/** Grey where the room no longer has it: a comment that was marked stays so. */
export function MarkerChip({ id, feedback }: { id: string; feedback: Feedback | null }) {
  const marker = feedback?.markers.find((one) => one.id === id);
  return <span class={marker ? `marker hue-${marker.colour}` : "marker gone"}>{markerCalled(id, feedback)}</span>;
}

export function markerCalled(id: string, feedback: Feedback | null): string {
  const marker = feedback?.markers.find((one) => one.id === id);
  if (marker) return markerName(marker, feedback?.ownMarkers ?? false);
  const usual = usualMarkers.find((one) => one.id === id);
  return usual ? markerName(usual, false) : id;
}

/** The usual markers are called in the reader's language, a room's own ones as the room calls them. */
export function markerName(marker: Marker, own: boolean): string {
  return own ? marker.name : t(`feedback:marker.${marker.id}` as "feedback:marker.strength", { defaultValue: marker.name });
}
