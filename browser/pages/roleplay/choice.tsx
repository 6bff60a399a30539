// Which scenario a room has, for whoever hosts it: one that comes with the program, or a file of one's own; and the way out as a file.
import { useSignal } from "@preact/signals";
import { FileDown } from "lucide-preact";
import { useEffect, useMemo } from "preact/hooks";
import { announce } from "../announce.tsx";
import { useAttempts, WhyNot } from "../review/attempt.tsx";
import { save } from "../review/savefile.ts";
import { t } from "../words.ts";
import { type ScenarioChoice as Choice, type Outline, ScenarioApi, type ShippedScenario } from "./door.ts";
import "./roleplay.css";
import { YamlField } from "./yamlfield.tsx";

const own = "own";

export function ScenarioChoice(props: { roomId: string; linkKey: string }) {
  const { roomId } = props;
  const api = useMemo(() => new ScenarioApi(props.linkKey), [props.linkKey]);
  const shipped = useSignal<ShippedScenario[]>([]);
  const chosen = useSignal<Outline | null>(null);
  const { attempt, failure } = useAttempts();
  useEffect(() => {
    void attempt(async () => {
      [shipped.value, chosen.value] = await Promise.all([api.scenarios(roomId), api.scenario(roomId)]);
    });
  }, [api, roomId]);
  const take = (choice: Choice | null) =>
    attempt(async () => {
      if (choice) chosen.value = await api.choose(roomId, choice);
      else await api.remove(roomId).then(() => (chosen.value = null));
      announce(t(choice ? "play:chosen" : "play:taken", { title: chosen.value?.title ?? "" }));
    });
  const known = shipped.value.find((one) => same(one, chosen.value));
  return (
    <div class="scenario-choice">
      <div class="field">
        <label for={`scenario-${roomId}`}>{t("play:scenario")}</label>
        <select
          id={`scenario-${roomId}`}
          value={chosen.value ? (known?.id ?? own) : ""}
          onChange={(event) => {
            const { value } = event.currentTarget;
            if (value !== own) void take(value === "" ? null : { shipped: value });
          }}
        >
          <option value="">{t("play:noScenario")}</option>
          {chosen.value && !known && <option value={own}>{chosen.value.title}</option>}
          {shipped.value.map(({ id, title }) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
        {chosen.value && (
          <p class="small soft">
            {chosen.value.roles.map(({ title }) => title).join(" · ")}
            {chosen.value.limitMs !== null && ` · ${t("play:minutes", { count: Math.round(chosen.value.limitMs / 6000) / 10 })}`}
          </p>
        )}
      </div>
      <YamlField id={`scenario-file-${roomId}`} label={t("play:file")} onText={(yaml) => take({ yaml })} />
      {chosen.value && (
        <button
          type="button"
          class="button"
          onClick={() => void attempt(async () => save(await api.yaml(roomId), `${chosen.value?.title ?? "scenario"}.yaml`))}
        >
          <FileDown size={20} aria-hidden="true" />
          {t("play:save")}
        </button>
      )}
      <WhyNot failure={failure} />
    </div>
  );
}

/** One of one's own may have the title of one that comes with the program. */
function same(one: Outline, other: Outline | null): boolean {
  const shape = ({ title, description, goals, roles }: Outline) => JSON.stringify([title, description, goals, roles]);
  return other !== null && shape(one) === shape(other);
}
