// Somebody's colour and letter, and a marker's colour and name: never a colour alone.
import type { Marker } from "../../../protocol/feedback.ts";
import { t } from "../words.ts";
import type { Face } from "./threads.ts";

export function Badge({ face }: { face: Face }) {
  return (
    <span class={`badge hue-${face.colour}`} aria-hidden="true">
      {face.letter}
    </span>
  );
}

export function MarkerChip({ marker, own }: { marker: Marker; own: boolean }) {
  return <span class={`marker hue-${marker.colour}`}>{markerName(marker, own)}</span>;
}

/** The usual markers are called in the reader's language, a room's own ones as the room calls them. */
export function markerName(marker: Marker, own: boolean): string {
  return own ? marker.name : t(`feedback:marker.${marker.id}` as "feedback:marker.strength", { defaultValue: marker.name });
}
