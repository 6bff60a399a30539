// What the recording was a role play of: goals, who played what, and the cards for those whom the server shows them.
import { Drama } from "lucide-preact";
import type { Recording } from "../../../protocol/api.ts";
import { useLoaded } from "../loaded.ts";
import { CardOf } from "../roleplay/card.tsx";
import "../roleplay/roleplay.css";
import { t } from "../words.ts";
import type { ReviewApi } from "./door.ts";

export function ScenePanel({ recording, api }: { recording: Recording; api: ReviewApi }) {
  const loaded = useLoaded(
    () => api.scene(recording.id),
    () => null,
  );
  const scene = loaded.value.value;
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
                  <p class="small soft">{t("play:cardsWords")}</p>
                  {scene.cards.map((card) => (
                    <CardOf key={card.role} card={card} title={scene.roles.find(({ id }) => id === card.role)?.title ?? card.role} />
                  ))}
                </div>
              </details>
            )}
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
