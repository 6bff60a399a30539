// `/upload`: whatever this browser still holds unsent, and the ways to get it to the server or onto the disk.
import { useSignal } from "@preact/signals";
import { CircleCheck } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { isWhisper } from "../../../protocol/recording.ts";
import type { UploadStatus } from "../../upload/uploads.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { Frame } from "../frame.tsx";
import { Question } from "../question.tsx";
import "../safe/safe.css";
import { troubleOf } from "../safe/safety.ts";
import { SaveFile } from "../safe/save.tsx";
import { sizeText } from "../size.ts";
import { dateText } from "../time.ts";
import { findUnsent, statuses, unsent, uploads } from "../uploads.ts";
import { t } from "../words.ts";
import "./upload.css";

export function Upload() {
  const looked = useSignal(false);
  const resumed = useSignal<ReadonlySet<string>>(new Set());
  const asked = useSignal<UploadStatus | null>(null);
  const failure = useSignal<string | null>(null);
  useEffect(() => {
    document.title = `${t("upload:title")} · Doubletake`;
    void findUnsent().then(() => {
      looked.value = true;
    });
  }, [looked]);
  const entries = unsent.value.map((entry) => statuses.value.find((status) => status.track === entry.track) ?? entry);
  const resume = (entry: UploadStatus) => {
    resumed.value = new Set([...resumed.value, entry.track]);
    uploads().resume(entry.track);
    announce(t("upload:resumed"));
  };
  const discard = async (entry: UploadStatus) => {
    try {
      await uploads().discard(entry.track);
      await findUnsent();
      announce(t("upload:deleted"));
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  return (
    <Frame>
      <div class="unsent">
        <h1>{t("upload:title")}</h1>
        <p class="soft">{t("upload:words")}</p>
        {failure.value && (
          <p class="notice warn" role="alert">
            {failure.value}
          </p>
        )}
        <Overview looked={looked.value} entries={entries} />
        <ul class="unsent-list" aria-label={t("upload:title")}>
          {entries.map((entry) => (
            <Entry
              key={entry.track}
              entry={entry}
              resumed={resumed.value.has(entry.track)}
              onResume={() => resume(entry)}
              onDelete={() => (asked.value = entry)}
            />
          ))}
        </ul>
      </div>
      {asked.value && (
        <Question
          title={t("upload:ask")}
          yes={t("upload:yes")}
          onYes={() => asked.value && void discard(asked.value)}
          onClose={() => (asked.value = null)}
        >
          {t("upload:askWords", { size: sizeText(asked.value.bytesKept - asked.value.bytesSafe), room: asked.value.room })}
        </Question>
      )}
    </Frame>
  );
}

function Overview({ looked, entries }: { looked: boolean; entries: UploadStatus[] }) {
  if (!looked) return <div class="skeleton unsent-skeleton" aria-hidden="true" />;
  if (entries.length === 0) {
    return (
      <div class="card unsent-empty">
        <CircleCheck size={20} aria-hidden="true" />
        <p>{t("upload:nothing")}</p>
      </div>
    );
  }
  if (!entries.every((entry) => entry.state === "safe")) return null;
  return (
    <div class="notice safe">
      <CircleCheck size={20} aria-hidden="true" />
      <p role="status" aria-label={t("safe:sentence.safe")}>
        {t("safe:sentence.safe")}
      </p>
    </div>
  );
}

function Entry(props: { entry: UploadStatus; resumed: boolean; onResume: () => void; onDelete: () => void }) {
  const { entry } = props;
  const id = `entry-${entry.track}`;
  const safe = entry.state === "safe";
  return (
    <li class="card unsent-entry">
      <div id={id} class="unsent-words">
        <h2>{entry.room || t("upload:nameless")}</h2>
        <p class="soft small">
          <time dateTime={entry.startedAt}>{dateText(entry.startedAt)}</time> ·{" "}
          {t(`upload:${isWhisper(entry.source) ? "whisper" : entry.source}`)} · {sizeText(entry.bytesKept)}
        </p>
        <p class="small">{stateOf(entry, props.resumed)}</p>
      </div>
      {!safe && (
        <div class="row">
          <button
            type="button"
            class="button primary"
            aria-describedby={id}
            disabled={props.resumed && entry.state !== "refused"}
            onClick={props.onResume}
          >
            {t("upload:resume")}
          </button>
          <SaveFile track={entry.track} describedBy={id} />
          <button type="button" class="button quiet" aria-describedby={id} onClick={props.onDelete}>
            {t("upload:delete")}
          </button>
        </div>
      )}
      {!safe && (
        <div class="bar-track" aria-hidden="true">
          <span style={{ transform: `scaleX(${entry.bytesKept ? (entry.bytesSafe / entry.bytesKept).toFixed(3) : 0})` }} />
        </div>
      )}
    </li>
  );
}

function stateOf(entry: UploadStatus, resumed: boolean): string {
  const size = sizeText(Math.max(0, entry.bytesKept - entry.bytesSafe));
  if (entry.state === "safe") return t("upload:safe");
  if (entry.state === "refused") return troubleOf(entry);
  if (!resumed) return t("upload:waiting", { size });
  if (entry.state === "offline") return t("upload:offline", { size });
  if (entry.state === "disk-full") return t("upload:full", { size });
  return t("upload:sending", { size });
}
