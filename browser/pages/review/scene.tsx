// What the recording was a role play of: goals, who played what, and the cards for those whom the server shows them.
import { useSignal } from "@preact/signals";
import { Drama, Eye } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { useLoaded } from "../loaded.ts";
import { CardOf } from "../roleplay/card.tsx";
import "../roleplay/roleplay.css";
import { t } from "../words.ts";
import { WhyNot } from "./attempt.tsx";
import type { Debrief } from "./debrief.ts";
import type { ReviewApi } from "./door.ts";

export function ScenePanel({ recording, api, debrief }: { recording: Recording; api: ReviewApi; debrief: Debrief }) {
  const loaded = useLoaded(
    () => api.scene(recording.id),
    () => null,
  );
  const scene = loaded.value.value;
  const told = debrief.scenes.value;
  useEffect(() => {
    if (told > 0) loaded.again();
  }, [told]);
  const { title = "", roles = [] } = recording.scenario ?? {};
  return (
    <details class="card panel">
      <summary>
        <Drama size={20} aria-hidden="true" />
        {t("play:scene", { title })}
      </summary>
      <div class="scene">
        <ul aria-label={t("play:roles")}>
          {roles.map(({ title: role, participant }) => (
            <li key={role}>{participant ? t("play:played", { name: participant.name, role }) : t("play:nobody", { role })}</li>
          ))}
        </ul>
        {scene && (
          <>
            {scene.description && <p class="play-words soft">{scene.description}</p>}
            {scene.limitMs !== null && <p>{t("play:upTo", { count: Math.round(scene.limitMs / 6000) / 10 })}</p>}
            {scene.goals.length > 0 && (
              <section>
                <h3 id="scene-goals">{t("play:goals")}</h3>
                <ul class="play-goals" aria-labelledby="scene-goals">
                  {scene.goals.map((goal) => (
                    <li key={goal} dir="auto">
                      {goal}
                    </li>
                  ))}
                </ul>
              </section>
            )}
            {scene.cards && (
              <details class="scene-cards">
                <summary>{t("play:cards")}</summary>
                <div class="scene">
                  <p class="small soft">{t(scene.shown ? "play:cardsShown" : "play:cardsWords")}</p>
                  {scene.cards.map((card) => (
                    <CardOf key={card.role} card={card} title={scene.roles.find(({ id }) => id === card.role)?.title ?? card.role} />
                  ))}
                </div>
              </details>
            )}
            {scene.cards && !scene.shown && debrief.may("host") && <ShowCards recording={recording} api={api} onShown={loaded.again} />}
          </>
        )}
        {loaded.failure.value && !scene && (
          <p class="notice warn small" role="alert">
            {loaded.failure.value.message}
          </p>
        )}
      </div>
    </details>
  );
}

/** For the host, at debrief: what each of them played by is no secret any more. */
function ShowCards({ recording, api, onShown }: { recording: Recording; api: ReviewApi; onShown: () => void }) {
  const failure = useSignal<string | null>(null);
  const show = async () => {
    failure.value = null;
    try {
      await api.showCards(recording.id);
      announce(t("play:cardsShown"));
      onShown();
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  return (
    <div class="scene-show">
      <button type="button" class="button" aria-describedby="show-cards-words" onClick={() => void show()}>
        <Eye size={20} aria-hidden="true" />
        {t("play:show")}
      </button>
      <p id="show-cards-words" class="small soft">
        {t("play:showWords")}
      </p>
      <WhyNot failure={failure} />
    </div>
  );
}
