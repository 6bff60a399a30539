// The state of a recording, in words on a chip.
import type { Recording } from "../../protocol/api.ts";
import { t } from "./words.ts";

type Look = "rec" | "busy" | "safe" | "warn";

export function stateWords(recording: Recording): { look: Look; words: string } {
  const safe = recording.tracks.filter((track) => track.state === "safe" || track.state === "partial").length;
  switch (recording.state) {
    case "recording":
      return { look: "rec", words: t("state:recording") };
    case "uploading":
      return {
        look: "busy",
        words: recording.tracks.length > 1 ? t("state:uploadingSome", { safe, count: recording.tracks.length }) : t("state:uploading"),
      };
    case "composing":
      return { look: "busy", words: t("state:composing") };
    case "ready":
      return { look: "safe", words: t("state:ready") };
    case "partial":
      return { look: "warn", words: t("state:partial") };
    case "failed":
      return { look: "warn", words: t("state:failed") };
  }
}

export function State(props: { recording: Recording }) {
  const { look, words } = stateWords(props.recording);
  return (
    <span class={`chip ${look}`}>
      <span class="dot" aria-hidden="true" />
      {words}
    </span>
  );
}

/** Everybody on the recording, each once. */
export function peopleOf(recording: Recording): string[] {
  return [...new Map(recording.tracks.map((track) => [track.participant.id, track.participant.name])).values()];
}

export function isUnfinished(recording: Recording): boolean {
  if (recording.state === "recording" || recording.state === "uploading" || recording.state === "composing") return true;
  return recording.state === "partial" && (recording.composition.state === "waiting" || recording.composition.state === "growing");
}
