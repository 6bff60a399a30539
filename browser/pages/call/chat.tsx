// The chat: what was said in this call, and a line to say more. Text, never markup.
import { useSignal } from "@preact/signals";
import { Bookmark as BookmarkIcon, Send } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { clockText } from "../time.ts";
import { locale, t } from "../words.ts";
import { DrawerFrame } from "./drawer.tsx";
import type { CallScreen } from "./screen.ts";

interface Line {
  id: string;
  name: string;
  /** Null: a bookmark. */
  body: string | null;
  /** Null: nobody else has it yet. */
  time: string | null;
  atMs: number | null;
}

export function ChatDrawer({ screen }: { screen: CallScreen }) {
  const { chat, bookmarks, unsaid, recording, me, rules } = screen.visit.view.value;
  const list = useRef<HTMLOListElement>(null);
  const mine = unsaid.map((one) => ({
    id: one.id,
    name: me?.name ?? "",
    body: one.type === "chat" ? one.body : null,
    time: null,
    atMs: null,
  }));
  const lines = [...linesOf(chat, recording ? bookmarks : []), ...mine];
  useEffect(() => {
    screen.read.value = chat.length;
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [chat, bookmarks, unsaid]);
  const mayWrite = me?.role !== "observer" || rules.observersSpeak;
  return (
    <DrawerFrame title={t("call:chat.title")} onClose={() => screen.toggle("chat")}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within reach of the keyboard */}
      <ol ref={list} class="chat-lines" aria-label={t("drawer:chat.list")} tabIndex={0}>
        {lines.length === 0 && <li class="soft">{t("drawer:chat.empty")}</li>}
        {lines.map((line) => (
          <li key={line.id} class={line.body === null ? "chat-mark" : undefined}>
            <p class="small">
              <span class="chat-name">{line.name}</span> {line.time === null ? t("drawer:chat.unsent") : <time>{line.time}</time>}
            </p>
            {line.body === null ? (
              <p class="small soft">
                <BookmarkIcon size={16} aria-hidden="true" /> {t("drawer:chat.bookmark")}
              </p>
            ) : (
              <p class="chat-words">{line.body}</p>
            )}
          </li>
        ))}
      </ol>
      {mayWrite ? <Write screen={screen} /> : <p class="small soft">{t("drawer:chat.observer")}</p>}
      <p class="small soft">{t(recording ? "drawer:chat.kept" : "drawer:chat.gone")}</p>
    </DrawerFrame>
  );
}

function Write({ screen }: { screen: CallScreen }) {
  const words = useSignal("");
  const { notice, unsaid } = screen.visit.view.value;
  const waiting = useRef<typeof unsaid>([]);
  useEffect(() => {
    const refused = waiting.current.find(({ id }) => id === notice?.about);
    // What is not taken is not lost: there is something else to be changed about it, or a moment to be waited for.
    if (refused?.type === "chat" && !words.value) words.value = refused.body;
    waiting.current = unsaid;
  }, [notice, unsaid]);
  const send = (event: Event) => {
    event.preventDefault();
    const body = words.value.trim();
    if (!body) return;
    screen.visit.say({ type: "chat", body });
    words.value = "";
  };
  return (
    <form class="chat-write" onSubmit={send}>
      <textarea
        aria-label={t("drawer:chat.message")}
        placeholder={t("drawer:chat.message")}
        rows={2}
        maxLength={2000}
        value={words.value}
        onInput={(event) => {
          words.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
        }}
      />
      <button type="submit" class="button primary square" aria-label={t("drawer:chat.send")}>
        <Send size={20} aria-hidden="true" />
      </button>
    </form>
  );
}

/** Bookmarks stand among the words of the same recording, by its clock. */
function linesOf(chat: CallScreen["visit"]["view"]["value"]["chat"], bookmarks: CallScreen["visit"]["view"]["value"]["bookmarks"]): Line[] {
  const said = chat.map(({ id, participant, body, sentMs, atMs }) => ({
    id,
    name: participant.name,
    body,
    time: timeOf(atMs, sentMs),
    atMs,
  }));
  const lines: Line[] = [...said];
  for (const { id, participant, atMs } of bookmarks) {
    const after = lines.findLastIndex((line) => line.atMs === null || line.atMs <= atMs);
    lines.splice(after + 1, 0, { id, name: participant.name, body: null, time: clockText(atMs), atMs });
  }
  return lines;
}

function timeOf(atMs: number | null, sentMs: number): string {
  return atMs === null ? new Date(sentMs).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit" }) : clockText(atMs);
}
