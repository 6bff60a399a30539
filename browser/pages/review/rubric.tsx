// The room's rubric: what I give, with the moments that show why; and, beside it, what they themselves, their peers and supervisors gave.
import { useSignal } from "@preact/signals";
import { MapPin, X } from "lucide-preact";
import type { Recording } from "../../../protocol/api.ts";
import type { Evidence, Rubric, RubricItem } from "../../../protocol/feedback.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import type { Debrief } from "./debrief.ts";
import { WhoForm } from "./me.tsx";
import type { Playback } from "./playback.ts";
import { peopleOn } from "./who.ts";

export interface RubricProps {
  recording: Recording;
  debrief: Debrief;
  playback: Playback;
}

export function RubricPanel({ recording, debrief, playback }: RubricProps) {
  const people = peopleOn(recording);
  const chosen = useSignal<string | null>(null);
  const rubric = debrief.feedback.value?.rubric;
  if (!rubric || people.length === 0) return null;
  const about = people.find(({ id }) => id === chosen.value) ?? people.find(({ id }) => id !== debrief.me?.participantId) ?? people[0]!;
  return (
    <section class="card rubric" aria-labelledby="rubric">
      <div class="rubric-head">
        <h2 id="rubric">{rubric.title}</h2>
        <select aria-label={t("feedback:rubric.about")} value={about.id} onChange={(event) => (chosen.value = event.currentTarget.value)}>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {t("feedback:rubric.aboutOne", { name })}
            </option>
          ))}
        </select>
      </div>
      {debrief.may("comment") && debrief.unknown && (
        <>
          <p class="small soft">{t("feedback:rubric.nameFirst")}</p>
          <WhoForm who={debrief.who} button={t("feedback:box.thatIsMe")} onSay={() => debrief.introduce()} />
        </>
      )}
      <ol class="rubric-items">
        {rubric.items.map((item) => (
          <li key={`${about.id}-${item.id}`}>
            <Item item={item} aboutId={about.id} debrief={debrief} playback={playback} />
          </li>
        ))}
      </ol>
      <Compared rubric={rubric} aboutId={about.id} debrief={debrief} playback={playback} />
    </section>
  );
}

interface ItemProps {
  item: RubricItem;
  aboutId: string;
  debrief: Debrief;
  playback: Playback;
}

function Item({ item, aboutId, debrief, playback }: ItemProps) {
  const mine = debrief.scoreOf(aboutId, item.id);
  const failure = useSignal<string | null>(null);
  /** Typed and not kept yet. */
  const typed = useSignal<string | null>(null);
  const disabled = !debrief.me || !debrief.may("comment");
  const give = async (change: Parameters<Debrief["score"]>[2]) => {
    failure.value = null;
    try {
      await debrief.score(aboutId, item.id, change);
      announce(t("feedback:rubric.kept"));
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  const mark = (atMs: number) => void give((now) => ({ evidence: [...now.evidence, { atMs, endMs: null }] }));
  const write = async (words: string) => {
    await give(() => ({ words: words.trim() }));
    if (failure.value === null && typed.value === words) typed.value = null;
  };
  const group = `score-${aboutId}-${item.id}`;
  const evidence = mine?.evidence ?? [];
  return (
    <fieldset class="rubric-item" disabled={disabled}>
      <legend>{item.title}</legend>
      {item.words && <p class="small soft">{item.words}</p>}
      <div class="scale">
        {item.scale.map(({ value, anchor }) => (
          <label key={value} class={mine?.value === value ? "chosen" : ""}>
            <input type="radio" name={group} value={value} checked={mine?.value === value} onChange={() => void give(() => ({ value }))} />
            <span class="scale-value">{value}</span>
            <span class="small">{anchor}</span>
          </label>
        ))}
      </div>
      <div class="evidence">
        {evidence.map((one, index) => (
          <Moment
            key={`${one.atMs}-${index}`}
            at={one}
            playback={playback}
            onRemove={disabled ? null : () => void give((now) => ({ evidence: now.evidence.filter((at) => !same(at, one)) }))}
          />
        ))}
        {!disabled && (
          <button type="button" class="button small quiet" onClick={() => mark(Math.max(0, playback.exactMs()))}>
            <MapPin size={16} aria-hidden="true" />
            {t("feedback:rubric.mark", { time: clockText(playback.atMs.value) })}
          </button>
        )}
      </div>
      {(!disabled || mine?.words) && (
        <textarea
          rows={1}
          maxLength={2000}
          aria-label={t("feedback:rubric.why", { item: item.title })}
          placeholder={t("feedback:rubric.whyShort")}
          value={typed.value ?? mine?.words ?? ""}
          onInput={(event) => (typed.value = event.currentTarget.value)}
          onChange={(event) => void write(event.currentTarget.value)}
        />
      )}
      {failure.value && (
        <p class="notice warn small" role="alert">
          {failure.value}
        </p>
      )}
    </fieldset>
  );
}

export const evidenceText = ({ atMs, endMs }: Evidence) => (endMs === null ? clockText(atMs) : `${clockText(atMs)}–${clockText(endMs)}`);

const same = (a: Evidence, b: Evidence) => a.atMs === b.atMs && a.endMs === b.endMs;

function Moment({ at, playback, onRemove }: { at: Evidence; playback: Playback; onRemove: (() => void) | null }) {
  const time = evidenceText(at);
  return (
    <span class="moment">
      <button type="button" class="button small" aria-label={t("feedback:rubric.goTo", { time })} onClick={() => playback.seek(at.atMs)}>
        <span class="clock">{time}</span>
      </button>
      {onRemove && (
        <button type="button" class="button small quiet" aria-label={t("feedback:rubric.unmark", { time })} onClick={onRemove}>
          <X size={16} aria-hidden="true" />
        </button>
      )}
    </span>
  );
}

/** Everybody's, a column each: they themselves first, then peers, then those who were not on the film. */
function Compared({ rubric, aboutId, debrief, playback }: { rubric: Rubric; aboutId: string; debrief: Debrief; playback: Playback }) {
  const feedback = debrief.feedback.value;
  const scores = debrief.scores.value.filter((one) => one.aboutId === aboutId);
  const rank = (participantId: string | null) => (participantId === aboutId ? 0 : participantId === null ? 2 : 1);
  const columns = (feedback?.reviewers ?? [])
    .filter(({ id }) => scores.some(({ reviewerId }) => reviewerId === id))
    .toSorted((a, b) => rank(a.participantId) - rank(b.participantId));
  if (columns.length === 0 || (columns.length === 1 && columns[0]?.id === feedback?.me)) return null;
  const relations = ["self", "peer", "supervisor"] as const;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table has to be scrolled by keyboard, too
    <section class="figures-table" tabIndex={0} aria-label={t("feedback:rubric.compared")}>
      <table>
        <caption class="small soft">{t("feedback:rubric.compared")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("feedback:rubric.item")}</th>
            {columns.map((one) => (
              <th key={one.id} scope="col">
                {one.name}
                <br />
                <span class="soft small">{t(`feedback:rubric.${relations[rank(one.participantId)]!}`)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rubric.items.map((item) => (
            <tr key={item.id}>
              <th scope="row">{item.title}</th>
              {columns.map((one) => {
                const score = scores.find(({ reviewerId, item: of }) => reviewerId === one.id && of === item.id);
                return (
                  <td key={one.id}>
                    {score?.value ?? "–"}
                    {(score?.evidence ?? []).map((at) => (
                      <Moment key={at.atMs} at={at} playback={playback} onRemove={null} />
                    ))}
                    {score?.words && <p class="small comment-body">{score.words}</p>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
