// `/upload`: whatever this browser still holds unsent, and the ways to get it to the server or onto the disk.
import { useSignal } from "@preact/signals";
import { CircleCheck } from "lucide-preact";
import { useEffect } from "preact/hooks";
import type { UploadStatus } from "../../upload/uploads.ts";
import { announce } from "../announce.tsx";
import { sentence } from "../api.ts";
import { Frame } from "../frame.tsx";
import { Question } from "../question.tsx";
import "../safe/safe.css";
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
    document.title = "Unsent recordings · Doubletake";
    void findUnsent().then(() => {
      looked.value = true;
    });
  }, [looked]);
  const entries = unsent.value.map((entry) => statuses.value.find((status) => status.track === entry.track) ?? entry);
  const resume = (entry: UploadStatus) => {
    resumed.value = new Set([...resumed.value, entry.track]);
    uploads().resume(entry.track);
    announce("Sending goes on. Keep this tab open.");
  };
  const discard = async (entry: UploadStatus) => {
    try {
      await uploads().discard(entry.track);
      await findUnsent();
      announce("Deleted from this device.");
    } catch (error) {
      failure.value = sentence(error);
    }
  };
  return (
    <Frame>
      <div class="unsent">
        <h1>Unsent recordings</h1>
        <p class="soft">What was recorded in this browser and has not reached the server completely.</p>
        {failure.value && (
          <p class="notice warn" role="alert">
            {failure.value}
          </p>
        )}
        <Overview looked={looked.value} entries={entries} />
        <ul class="unsent-list" aria-label="Unsent recordings">
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
          title="Delete it from this device?"
          yes="Delete"
          onYes={() => asked.value && void discard(asked.value)}
          onClose={() => (asked.value = null)}
        >
          {sizeText(asked.value.bytesKept - asked.value.bytesSafe)} of “{asked.value.room}” never reached the server and would be gone for
          good.
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
        <p>Nothing is waiting. Everything recorded in this browser is on the server.</p>
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
        <h2>{entry.room || "A room without a name"}</h2>
        <p class="soft small">
          <time dateTime={entry.startedAt}>{dateText(entry.startedAt)}</time> · {entry.source === "camera" ? "your camera" : "your screen"}{" "}
          · {sizeText(entry.bytesKept)}
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
            Resume
          </button>
          <SaveFile track={entry.track} describedBy={id} />
          <button type="button" class="button quiet" aria-describedby={id} onClick={props.onDelete}>
            Delete
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
  const left = sizeText(Math.max(0, entry.bytesKept - entry.bytesSafe));
  if (entry.state === "safe") return "All of it is safe on the server.";
  if (entry.message && entry.state !== "sending") return entry.message;
  if (!resumed) return `${left} to go. Kept safe on this device.`;
  if (entry.state === "offline") return `${left} are safe on this device. The connection is gone; we keep trying.`;
  return `Keep this tab open: ${left} to go.`;
}
