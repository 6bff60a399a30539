// What the room asks of its reviewers, for the host: in secret first, which rubric, markers of its own; and what this recording keeps all the same.
import { useSignal } from "@preact/signals";
import { SlidersHorizontal } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { EditGuide, Rubric } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { YamlField } from "../roleplay/yamlfield.tsx";
import { t } from "../words.ts";
import { useAttempts, WhyNot } from "./attempt.tsx";
import { markerName } from "./badge.tsx";
import type { Debrief } from "./debrief.ts";
import { type Guide, type Keeps, keepsOf } from "./keeps.ts";
import { markersOf } from "./markers.ts";
import { save } from "./savefile.ts";

export function GuidePanel({ recording, debrief }: { recording: Recording; debrief: Debrief }) {
  const { api } = debrief;
  const rubrics = useSignal<Rubric[]>([]);
  /** Null: not read yet. */
  const room = useSignal<Guide | null>(null);
  const { attempt, failure } = useAttempts();
  const reading = useAttempts();
  const feedback = debrief.feedback.value;
  const edit = (change: EditGuide) =>
    attempt(async () => {
      const asked = await api.editGuide(recording.roomId, change);
      await debrief.read();
      room.value = asked;
      const { rubric, markers } = keepsOf(debrief.feedback.value ?? asked, asked);
      const kept = [change.rubric === undefined ? null : rubric, change.markers === undefined ? null : markers];
      announce([t("feedback:guide.kept"), ...kept].filter(Boolean).join(" "));
    });
  useEffect(
    () =>
      void attempt(async () => {
        rubrics.value = await api.rubrics(recording.roomId);
      }),
    [recording.roomId],
  );
  // Another host may change it, too.
  useEffect(
    () =>
      void reading.attempt(async () => {
        room.value = await api.guide(recording.roomId);
      }),
    [recording.roomId, feedback],
  );
  const guide = room.value;
  if (!feedback || !guide) return null;
  const keeps = keepsOf(feedback, guide);
  return (
    <details class="card panel">
      <summary>
        <SlidersHorizontal size={20} aria-hidden="true" />
        {t("feedback:guide.title")}
      </summary>
      <p class="small soft">{t("feedback:guide.words")}</p>
      <div class="check">
        <input
          id="guide-independent"
          type="checkbox"
          checked={guide.independent}
          onChange={(event) => void edit({ independent: event.currentTarget.checked })}
        />
        <label for="guide-independent">{t("feedback:guide.independent")}</label>
        <p class="small soft">{t("feedback:guide.independentWords")}</p>
      </div>
      <RubricChoice guide={guide} keeps={keeps} rubrics={rubrics.value} edit={edit} />
      {guide.rubric && (
        <button
          type="button"
          class="button"
          onClick={() =>
            void attempt(async () =>
              save(await api.file(`/rooms/${recording.roomId}/rubric.yaml`), `${guide.rubric?.title ?? "rubric"}.yaml`),
            )
          }
        >
          {t("feedback:guide.saveRubric")}
        </button>
      )}
      <Markers key={JSON.stringify(guide.markers)} guide={guide} keeps={keeps} edit={edit} />
      <WhyNot failure={failure} />
      <WhyNot failure={reading.failure} />
    </details>
  );
}

interface PartProps {
  guide: Guide;
  keeps: Keeps;
  edit: (change: EditGuide) => Promise<boolean>;
}

function RubricChoice({ guide, keeps, rubrics, edit }: PartProps & { rubrics: Rubric[] }) {
  const index = rubrics.findIndex(({ title }) => title === guide.rubric?.title);
  const choose = (value: string) => void edit({ rubric: value === "" ? null : (rubrics[Number(value)] ?? null) });
  return (
    <div class="share-form rubric-choice">
      <div class="field">
        <label for="guide-rubric">{t("feedback:guide.rubric")}</label>
        <select
          id="guide-rubric"
          aria-describedby={keeps.rubric ? "guide-rubric-keeps" : undefined}
          value={guide.rubric ? (index < 0 ? "own" : String(index)) : ""}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value="">{t("feedback:guide.noRubric")}</option>
          {guide.rubric && index < 0 && <option value="own">{guide.rubric.title}</option>}
          {rubrics.map(({ title }, place) => (
            <option key={title} value={String(place)}>
              {title}
            </option>
          ))}
        </select>
        {keeps.rubric && (
          <p id="guide-rubric-keeps" class="small soft">
            {keeps.rubric}
          </p>
        )}
      </div>
      <YamlField id="guide-file" label={t("feedback:guide.file")} onText={(text) => edit({ rubric: text })} />
    </div>
  );
}

/** One name a line, the usual ones as they are called here. */
function Markers({ guide, keeps, edit }: PartProps) {
  const before = guide.markers.map((marker) => ({ ...marker, name: markerName(marker, guide.ownMarkers) }));
  const text = useSignal(before.map(({ name }) => name).join("\n"));
  const submit = (event: Event) => {
    event.preventDefault();
    const markers = markersOf(text.value, before);
    const usual = !guide.ownMarkers && JSON.stringify(markers) === JSON.stringify(before);
    void edit({ markers: usual || markers.length === 0 ? null : markers });
  };
  return (
    <form class="field" onSubmit={submit}>
      <label for="guide-markers">{t("feedback:guide.markers")}</label>
      <textarea
        id="guide-markers"
        rows={4}
        value={text.value}
        aria-describedby="guide-markers-hint"
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <p id="guide-markers-hint" class="small soft">
        {[t("feedback:guide.markersHint"), keeps.markers].filter(Boolean).join(" ")}
      </p>
      <button type="submit" class="button">
        {t("feedback:guide.keepMarkers")}
      </button>
    </form>
  );
}
