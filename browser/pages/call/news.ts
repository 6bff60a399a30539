// What happens in the call, said once to whoever does not see it: chat, hands, bookmarks, the count. What is written between stage and bar says itself.
import { useEffect, useRef } from "preact/hooks";
import { announce } from "../announce.tsx";
import { clockText } from "../time.ts";
import { t } from "../words.ts";
import type { CallScreen } from "./screen.ts";

/** Longer messages are read in the drawer. */
const mostLetters = 200;

/** How long it is shown that a moment was marked. */
const markedMs = 4000;

/** `atMs`: recording time. */
export const markedWords = (atMs: number): string => t("call:bookmark.done", { clock: clockText(atMs) });

export function useNews(screen: CallScreen): void {
  const view = screen.visit.view.value;
  const { chat, bookmarks, others, me, beginsMs, recording } = view;
  const said = useRef<number | null>(null);
  useEffect(() => {
    const last = chat.at(-1);
    if (said.current !== null && last && chat.length > said.current && last.participant.id !== me?.id)
      announce(t("call:chat.news", { name: last.participant.name, words: last.body.slice(0, mostLetters) }));
    if (me) said.current = chat.length;
  }, [chat]);
  useEffect(() => {
    if (screen.drawer.value === "chat") screen.read.value = chat.length;
  }, [chat, screen.drawer.value]);
  const marks = useRef<number | null>(null);
  useEffect(() => {
    const last = bookmarks.at(-1);
    const fresh = marks.current !== null && bookmarks.length > marks.current;
    // What is there on entering is no news.
    if (me) marks.current = bookmarks.length;
    if (!last || !fresh) return;
    const mine = last.participant.id === me?.id;
    announce(mine ? markedWords(last.atMs) : t("call:bookmark.news", { name: last.participant.name }));
    if (mine) screen.marked.value = last.atMs;
  }, [bookmarks, !me]);
  const { value: marked } = screen.marked;
  useEffect(() => {
    if (marked === null) return;
    const timer = setTimeout(() => (screen.marked.value = null), markedMs);
    return () => clearTimeout(timer);
  }, [marked]);
  const up = others.filter(({ participant }) => participant.handMs !== null).map(({ participant }) => participant.name);
  const hands = useRef<string[]>([]);
  useEffect(() => {
    const fresh = up.find((name) => !hands.current.includes(name));
    if (fresh) announce(t("call:hand.news", { name: fresh }));
    hands.current = up;
  }, [up.join("\n")]);
  useEffect(() => {
    if (beginsMs !== null) announce(t("call:count.soon"));
  }, [beginsMs]);
  const paused = recording ? recording.pausedMs !== null : null;
  const before = useRef<boolean | null>(null);
  useEffect(() => {
    if (paused !== null && before.current !== null && paused !== before.current)
      announce(t(paused ? "call:paused.news" : "call:paused.over"));
    before.current = paused;
  }, [paused]);
}
