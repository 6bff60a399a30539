// Everything that was recorded, newest first, refreshed gently while something is unfinished.
import { useSignal } from "@preact/signals";
import { Film, Trash2, WifiOff } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { useLoaded } from "../loaded.ts";
import { Occasion } from "../occasion.tsx";
import { Question } from "../question.tsx";
import { problemsOf } from "../review/problems.ts";
import { isUnfinished, peopleOf, State } from "../state.tsx";
import { t } from "../words.ts";
import type { AdminApi } from "./admin.ts";
import { Bring } from "./bring.tsx";

const busyMs = 2000;
const idleMs = 15_000;

interface RecordingsProps {
  api: AdminApi;
  onRefused: () => void;
}

export function Recordings(props: RecordingsProps) {
  const { shown, trouble, cursor, more, remove, loading, again } = useRecordings(props);
  const asked = useSignal<Recording | null>(null);
  const sought = useSignal("");
  const found = shown?.filter((recording) => fits(recording, sought.value));
  useEffect(() => {
    if (sought.value.trim()) announce(t("home:recordings.found", { count: found?.length ?? 0 }));
  }, [sought.value]);
  return (
    <section class="recordings" aria-labelledby="recordings">
      <div class="recordings-head">
        <h2 id="recordings">{t("home:recordings.title")}</h2>
        {(shown?.length ?? 0) > searchFrom && (
          <input
            type="search"
            aria-label={t("home:recordings.search")}
            placeholder={t("home:recordings.search")}
            value={sought.value}
            onInput={(event) => {
              sought.value = event.currentTarget.value;
            }}
          />
        )}
        <Bring api={props.api} onBrought={again} />
      </div>
      {trouble && (
        <div class="notice warn">
          <WifiOff size={20} aria-hidden="true" />
          <p>{trouble}</p>
        </div>
      )}
      {loading && <Skeleton />}
      {shown?.length === 0 && (
        <div class="card empty">
          <Film size={20} aria-hidden="true" />
          <p>{t("home:recordings.empty")}</p>
        </div>
      )}
      {shown && shown.length > 0 && found?.length === 0 && <p class="soft">{t("home:recordings.foundNone")}</p>}
      <ul class={found?.length ? "card list" : "list"} aria-label={t("home:recordings.title")}>
        {found?.map((recording) => (
          <Line key={recording.id} recording={recording} onDelete={() => (asked.value = recording)} />
        ))}
      </ul>
      {cursor && (
        <button type="button" class="button" onClick={more}>
          {t("home:recordings.older")}
        </button>
      )}
      {asked.value && (
        <Question
          title={t("home:recordings.ask")}
          yes={t("home:recordings.yes")}
          onYes={() => asked.value && void remove(asked.value)}
          onClose={() => (asked.value = null)}
        >
          {t("home:recordings.askWords", { name: asked.value.roomName })}
        </Question>
      )}
    </section>
  );
}

/** Fewer are seen at a glance. */
const searchFrom = 5;

/** By the room's name and the people's; every word must be there. */
function fits(recording: Recording, sought: string): boolean {
  const text = [recording.roomName, ...peopleOf(recording)].join(" ").toLocaleLowerCase();
  return sought
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

const needsAttention = ({ state }: Recording) => state === "partial" || state === "failed";

/** The list, its older pages, and what can be done to it. */
function useRecordings(props: RecordingsProps) {
  const { value, failure, again } = useLoaded(
    () => props.api.recordings(null),
    (list) => (list.items.some(isUnfinished) ? busyMs : idleMs),
  );
  const older = useSignal<{ items: Recording[]; cursor: string | null } | null>(null);
  const problem = useSignal<string | null>(null);
  const code = failure.value?.code;
  useEffect(() => {
    if (code === "not-allowed") props.onRefused();
  }, [code]);

  const list = value.value;
  const cursor = older.value ? older.value.cursor : (list?.cursor ?? null);
  const more = async () => {
    try {
      const next = await props.api.recordings(cursor);
      older.value = { items: [...(older.value?.items ?? []), ...next.items], cursor: next.cursor };
    } catch (error) {
      problem.value = sentence(error);
    }
  };
  const remove = async (recording: Recording) => {
    try {
      await props.api.deleteRecording(recording.id);
      announce(t("home:recordings.deleted"));
      if (older.value) older.value = { ...older.value, items: older.value.items.filter((one) => one.id !== recording.id) };
      again();
    } catch (error) {
      problem.value = sentence(error);
    }
  };
  const shown = list
    ? [...list.items, ...(older.value?.items ?? []).filter((one) => !list.items.some((other) => other.id === one.id))]
    : null;
  const trouble = problem.value ?? failure.value?.message;
  return { shown, trouble, cursor, more, remove, loading: shown === null && !failure.value, again };
}

function Line({ recording, onDelete }: { recording: Recording; onDelete: () => void }) {
  const [problem] = problemsOf(recording);
  return (
    <li class="line">
      <div class="line-picture" aria-hidden="true">
        {recording.composition.posterUrl && <img src={recording.composition.posterUrl} alt="" loading="lazy" />}
      </div>
      <div class="line-words">
        <a href={`/v/${recording.id}`}>{recording.roomName}</a>
        <Occasion recording={recording} small />
        {needsAttention(recording) && problem && <p class="small line-problem">{problem}</p>}
      </div>
      <State recording={recording} />
      <button
        type="button"
        class="button quiet square"
        aria-label={t("home:recordings.delete", { name: recording.roomName })}
        onClick={onDelete}
      >
        <Trash2 size={20} aria-hidden="true" />
      </button>
    </li>
  );
}

function Skeleton() {
  return (
    <div class="card list" aria-hidden="true">
      {[0, 1, 2].map((row) => (
        <div key={row} class="line">
          <div class="line-words">
            <div class="skeleton title" />
            <div class="skeleton detail" />
          </div>
        </div>
      ))}
    </div>
  );
}
