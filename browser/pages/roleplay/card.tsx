// One card of a role play, as text: what a scenario's file says is never markup.
import type { Card } from "../../../protocol/scenario.ts";
import { t } from "../words.ts";

/** `mine`: of whoever reads it. */
export function CardOf({ card, title, mine }: { card: Card; title: string; mine?: boolean }) {
  return (
    <section class="play-card" aria-label={t(mine ? "play:yourCard" : "play:cardOf", { role: title })}>
      <h3>{t(mine ? "play:yourCard" : "play:cardOf", { role: title })}</h3>
      <p class="play-words" dir="auto">
        {card.words}
      </p>
      {card.persona && (
        <>
          <h4 dir="auto">{card.persona.title}</h4>
          <p class="play-words" dir="auto">
            {card.persona.words}
          </p>
        </>
      )}
    </section>
  );
}
