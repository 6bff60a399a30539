// What a comment is about, to be chosen: its seconds, a marker, whom it is addressed to. The same where it is written and where it is mended.
import { X } from "lucide-preact";
import type { Feedback } from "../../../protocol/feedback.ts";
import { t } from "../words.ts";
import { markerCalled } from "./badge.tsx";
import type { Person } from "./who.ts";

/** `ms` null: empty. Seconds, as everybody can count them. */
export function Seconds(props: { label: string; ms: number | null; onMs: (ms: number) => void }) {
  return (
    <input
      type="number"
      class="seconds"
      aria-label={props.label}
      min={0}
      step={0.1}
      value={props.ms === null ? "" : (props.ms / 1000).toFixed(1)}
      onChange={(event) => {
        const { valueAsNumber } = event.currentTarget;
        if (Number.isFinite(valueAsNumber) && valueAsNumber >= 0) props.onMs(Math.round(valueAsNumber * 1000));
      }}
    />
  );
}

/** A range becomes one moment. */
export function NoRange({ onPress }: { onPress: () => void }) {
  return (
    <button type="button" class="button quiet square" aria-label={t("feedback:range.none")} onClick={onPress}>
      <X size={16} aria-hidden="true" />
    </button>
  );
}

export interface ChoicesProps {
  feedback: Feedback | null;
  people: readonly Person[];
  marker: string | null;
  onMarker: (id: string | null) => void;
  /** Addressed to; null: everybody. */
  to: string | null;
  onTo: (id: string | null) => void;
}

export function Choices({ feedback, people, marker, onMarker, to, onTo }: ChoicesProps) {
  const markers = feedback?.markers.map(({ id }) => id) ?? [];
  return (
    <div class="choices">
      <select aria-label={t("feedback:box.marker")} value={marker ?? ""} onChange={(event) => onMarker(event.currentTarget.value || null)}>
        <option value="">{t("feedback:box.noMarker")}</option>
        {/* One that the room no longer has is kept until another is chosen. */}
        {[...markers, ...(marker && !markers.includes(marker) ? [marker] : [])].map((id) => (
          <option key={id} value={id}>
            {markerCalled(id, feedback)}
          </option>
        ))}
      </select>
      {people.length > 0 && (
        <select aria-label={t("feedback:box.to")} value={to ?? ""} onChange={(event) => onTo(event.currentTarget.value || null)}>
          <option value="">{t("feedback:box.toAll")}</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {t("feedback:box.toOne", { name })}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
