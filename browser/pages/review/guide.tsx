// What the room asks of its reviewers, for the host: in secret first, which rubric, markers of its own.
import { useSignal } from "@preact/signals";
import { SlidersHorizontal } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import type { EditGuide, Feedback, Rubric } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { YamlField } from "../roleplay/yamlfield.tsx";
import { t } from "../words.ts";
import { useAttempts, WhyNot } from "./attempt.tsx";
import { markerName } from "./badge.tsx";
import type { Debrief } from "./debrief.ts";
import { markersOf } from "./markers.ts";
import { save } from "./savefile.ts";

export function GuidePanel({ recording, debrief }: { recording: Recording; debrief: Debrief }) {
  const { api } = debrief;
  const rubrics = useSignal<Rubric[]>([]);
  const { attempt, failure } = useAttempts();
  const feedback = debrief.feedback.value;
  const edit = (change: EditGuide) =>
    attempt(async () => {
      await api.editGuide(recording.roomId, change);
      await debrief.read();
      announce(t("feedback:guide.kept"));
    });
  useEffect(
    () =>
      void attempt(async () => {
        rubrics.value = await api.rubrics(recording.roomId);
      }),
    [recording.roomId],
  );
  if (!feedback) return null;
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
          checked={feedback.independent}
          onChange={(event) => void edit({ independent: event.currentTarget.checked })}
        />
        <label for="guide-independent">{t("feedback:guide.independent")}</label>
        <p class="small soft">{t("feedback:guide.independentWords")}</p>
      </div>
      <RubricChoice feedback={feedback} rubrics={rubrics.value} edit={edit} />
      {feedback.rubric && (
        <button
          type="button"
          class="button"
          onClick={() =>
            void attempt(async () =>
              save(await api.file(`/rooms/${recording.roomId}/rubric.yaml`), `${feedback.rubric?.title ?? "rubric"}.yaml`),
            )
          }
        >
          {t("feedback:guide.saveRubric")}
        </button>
      )}
      <Markers key={JSON.stringify(feedback.markers)} feedback={feedback} edit={edit} />
      <WhyNot failure={failure} />
    </details>
  );
}

interface PartProps {
  feedback: Feedback;
  edit: (change: EditGuide) => Promise<boolean>;
}

function RubricChoice({ feedback, rubrics, edit }: PartProps & { rubrics: Rubric[] }) {
  const index = rubrics.findIndex(({ title }) => title === feedback.rubric?.title);
  const choose = (value: string) => void edit({ rubric: value === "" ? null : (rubrics[Number(value)] ?? null) });
  return (
    <div class="share-form rubric-choice">
      <div class="field">
        <label for="guide-rubric">{t("feedback:guide.rubric")}</label>
        <select
          id="guide-rubric"
          value={feedback.rubric ? (index < 0 ? "own" : String(index)) : ""}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value="">{t("feedback:guide.noRubric")}</option>
          {feedback.rubric && index < 0 && <option value="own">{feedback.rubric.title}</option>}
          {rubrics.map(({ title }, place) => (
            <option key={title} value={String(place)}>
              {title}
            </option>
          ))}
        </select>
      </div>
      <YamlField id="guide-file" label={t("feedback:guide.file")} onText={(text) => edit({ rubric: text })} />
    </div>
  );
}

/** One name a line, the usual ones as they are called here. */
function Markers({ feedback, edit }: PartProps) {
  const before = feedback.markers.map((marker) => ({ ...marker, name: markerName(marker, feedback.ownMarkers) }));
  const text = useSignal(before.map(({ name }) => name).join("\n"));
  const submit = (event: Event) => {
    event.preventDefault();
    const markers = markersOf(text.value, before);
    const usual = !feedback.ownMarkers && JSON.stringify(markers) === JSON.stringify(before);
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
        {t("feedback:guide.markersHint")}
      </p>
      <button type="submit" class="button">
        {t("feedback:guide.keepMarkers")}
      </button>
    </form>
  );
}
