// Beside a box to write in: two buttons that record a voice or a short video instead. What records is fetched when one of them is pressed.
import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import { Mic, Video } from "lucide-preact";
import type { ComponentType } from "preact";
import { useRef } from "preact/hooks";
import type { Message } from "../../record/message.ts";
import { sentence } from "../api.ts";
import { loadWords, t } from "../words.ts";
import type { PanelProps } from "./panel.tsx";
import type { Spoken } from "./spoken.ts";

export interface AttachProps {
  /** What is recorded; null: nothing. */
  held: Signal<Spoken | null>;
  /** It is being recorded now. */
  speaking: Signal<boolean>;
  /** It is being posted, what is held included. */
  busy: ReadonlySignal<boolean>;
  /** It begins: the film is to be still. */
  onBegin: () => void;
  /** It was thrown away. */
  onDropped: () => void;
}

export function Attach({ held, speaking, busy, onBegin, onDropped }: AttachProps) {
  const Panel = useSignal<ComponentType<PanelProps> | null>(null);
  const kind = useSignal<Message["kind"] | null>(null);
  const failure = useSignal<string | null>(null);
  const buttons = useRef<HTMLDivElement>(null);
  const begin = async (wanted: Message["kind"]) => {
    failure.value = null;
    onBegin();
    try {
      const [{ Panel: loaded }] = await Promise.all([import("./panel.tsx"), loadWords(["attach"])]);
      Panel.value = loaded;
      kind.value = wanted;
      speaking.value = true;
    } catch (error) {
      failure.value = sentence(error);
      onDropped();
    }
  };
  const drop = () => {
    const pressed = held.value?.kind ?? kind.value;
    held.value?.close();
    held.value = null;
    speaking.value = false;
    kind.value = null;
    onDropped();
    // The button that began it is there again.
    requestAnimationFrame(() => buttons.current?.querySelector<HTMLElement>(`[data-kind="${pressed}"]`)?.focus());
  };
  const Loaded = Panel.value;
  if (Loaded && (held.value || (kind.value && speaking.value)))
    return <Loaded kind={held.value?.kind ?? kind.value ?? "voice"} held={held} speaking={speaking} busy={busy} onDrop={drop} />;
  return (
    <div class="attach" ref={buttons}>
      <button type="button" class="button small quiet" data-kind="voice" onClick={() => void begin("voice")}>
        <Mic size={16} aria-hidden="true" />
        {t("feedback:attach.voice")}
      </button>
      <button type="button" class="button small quiet" data-kind="video" onClick={() => void begin("video")}>
        <Video size={16} aria-hidden="true" />
        {t("feedback:attach.video")}
      </button>
      {failure.value && (
        <p class="notice warn small" role="alert">
          {failure.value}
        </p>
      )}
    </div>
  );
}
