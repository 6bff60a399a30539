// The fields in which somebody says who they are, and what the page then says of it, with a way to correct it.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Reviewer } from "../../../protocol/feedback.ts";
import { t } from "../words.ts";
import { useAttempts, WhyNot } from "./attempt.tsx";
import type { Debrief } from "./debrief.ts";
import { type Person, Who } from "./who.ts";

/** A name, and which of the people on the film that is. */
export function WhoFields({ who }: { who: Who }) {
  const people = who.people.value;
  return (
    <div class="comment-who">
      <input
        type="text"
        aria-label={t("feedback:box.name")}
        placeholder={t("feedback:box.name")}
        maxLength={80}
        value={who.author.value}
        onInput={(event) => (who.author.value = event.currentTarget.value)}
      />
      {people.length > 0 && (
        <select
          aria-label={t("feedback:box.self")}
          value={who.shown.value}
          onChange={(event) => (who.self.value = event.currentTarget.value)}
        >
          <option value="">{t("feedback:box.notOnFilm")}</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {t("feedback:box.iAm", { name })}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}

interface WhoFormProps {
  who: Who;
  button: string;
  onSay: () => Promise<unknown>;
  /** Absent: there is nothing to go back to. */
  onCancel?: () => void;
}

/** The same in a form of its own. */
export function WhoForm({ who, button, onSay, onCancel }: WhoFormProps) {
  const { attempt, failure } = useAttempts();
  const busy = useSignal(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value || !who.named.value) return;
    busy.value = true;
    await attempt(onSay);
    busy.value = false;
  };
  return (
    <form class="who-form" onSubmit={(event) => void submit(event)}>
      <WhoFields who={who} />
      <WhyNot failure={failure} />
      <div class="row">
        <button type="submit" class="button" disabled={busy.value || !who.named.value}>
          {button}
        </button>
        {onCancel && (
          <button type="button" class="button quiet" onClick={onCancel}>
            {t("feedback:thread.cancel")}
          </button>
        )}
      </div>
    </form>
  );
}

/** Who I am here, once that is known. Whose score counts as whose, and when a round is complete, hangs on it. */
export function YouAre({ debrief }: { debrief: Debrief }) {
  const changes = useSignal(false);
  const { me } = debrief;
  if (!me) return null;
  if (changes.value) return <Correct debrief={debrief} onDone={() => (changes.value = false)} />;
  return (
    <p class="soft small you-are">
      {youAre(me, debrief.who.people.value)}{" "}
      <button type="button" class="button quiet small" onClick={() => (changes.value = true)}>
        {t("feedback:box.change")}
      </button>
    </p>
  );
}

function youAre({ name, participantId, claimedId }: Reviewer, people: readonly Person[]): string {
  const person = people.find(({ id }) => id === (participantId ?? claimedId))?.name;
  if (!person) return t("feedback:box.youOff", { name });
  return t(claimedId === null ? "feedback:box.you" : "feedback:box.youSay", { name, person });
}

function Correct({ debrief, onDone }: { debrief: Debrief; onDone: () => void }) {
  const who = useMemo(
    () => new Who(debrief.who.people, debrief.me?.name, debrief.me?.participantId ?? debrief.me?.claimedId ?? ""),
    [debrief],
  );
  return (
    <WhoForm
      who={who}
      button={t("feedback:thread.save")}
      onSay={async () => {
        await debrief.rename(who);
        onDone();
      }}
      onCancel={onDone}
    />
  );
}
