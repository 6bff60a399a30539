// Everything that was recorded, newest first, refreshed gently while something is unfinished.
import { useSignal } from "@preact/signals";
import { Film, Trash2, WifiOff } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { Recording } from "../../../protocol/api.ts";
import { announce } from "../announce.tsx";
import { type Api, sentence } from "../api.ts";
import { useLoaded } from "../loaded.ts";
import { Occasion } from "../occasion.tsx";
import { Question } from "../question.tsx";
import { isUnfinished, State } from "../state.tsx";

const busyMs = 2000;
const idleMs = 15_000;

interface RecordingsProps {
  api: Api;
  onRefused: () => void;
}

export function Recordings(props: RecordingsProps) {
  const { shown, trouble, cursor, more, remove, loading } = useRecordings(props);
  const asked = useSignal<Recording | null>(null);
  return (
    <section class="recordings" aria-labelledby="recordings">
      <h2 id="recordings">Recordings</h2>
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
          <p>Nothing is recorded yet. Make a room, open it and press Record; the film appears here.</p>
        </div>
      )}
      <ul class={shown?.length ? "card list" : "list"} aria-label="Recordings">
        {shown?.map((recording) => (
          <Line key={recording.id} recording={recording} onDelete={() => (asked.value = recording)} />
        ))}
      </ul>
      {cursor && (
        <button type="button" class="button" onClick={more}>
          Show older recordings
        </button>
      )}
      {asked.value && (
        <Question
          title="Delete this recording?"
          yes="Delete"
          onYes={() => asked.value && void remove(asked.value)}
          onClose={() => (asked.value = null)}
        >
          The film, every track and all comments of “{asked.value.roomName}” are removed from the server for good.
        </Question>
      )}
    </section>
  );
}

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
      announce("The recording is deleted.");
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
  return { shown, trouble, cursor, more, remove, loading: shown === null && !failure.value };
}

function Line({ recording, onDelete }: { recording: Recording; onDelete: () => void }) {
  return (
    <li class="line">
      <div class="line-words">
        <a href={`/v/${recording.id}`}>{recording.roomName}</a>
        <Occasion recording={recording} small />
      </div>
      <State recording={recording} />
      <button type="button" class="button quiet square" aria-label={`Delete ${recording.roomName}`} onClick={onDelete}>
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
