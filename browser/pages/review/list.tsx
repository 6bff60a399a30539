// The list of threads, of which only what is near the eye is drawn: ten thousand scroll like ten.
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Comment } from "../../../protocol/feedback.ts";
import { t } from "../words.ts";
import type { Debrief } from "./debrief.ts";
import { rowsOf, topOf } from "./rows.ts";
import { ThreadView } from "./thread.tsx";
import type { Thread } from "./threads.ts";

/** How high a thread is until it was seen, px. */
const guessPx = 110;

export interface ThreadListProps {
  threads: Thread[];
  debrief: Debrief;
  people: ReadonlyMap<string, string>;
  onSeek: (comment: Comment) => void;
}

export function ThreadList({ threads, debrief, people, onSeek }: ThreadListProps) {
  const list = useRef<HTMLUListElement>(null);
  const known = useRef(new Map<string, number>());
  const view = useSignal({ scrolled: 0, seen: 800 });
  /** Raised when a drawn row is of another height than was thought. */
  const measured = useSignal(0);
  const heights = threads.map(({ first }) => known.current.get(first.id) ?? guessPx);
  const rows = rowsOf(heights, view.value.scrolled, view.value.seen);
  void measured.value;

  const look = () => {
    const { current } = list;
    if (current) view.value = { scrolled: current.scrollTop, seen: current.clientHeight };
  };
  useEffect(() => {
    const watcher = new ResizeObserver(look);
    if (list.current) watcher.observe(list.current);
    return () => watcher.disconnect();
  }, []);
  useLayoutEffect(() => {
    let changed = false;
    for (const row of list.current?.querySelectorAll<HTMLElement>("[data-thread]") ?? []) {
      const height = row.offsetHeight;
      const id = row.dataset["thread"] ?? "";
      if (Math.abs((known.current.get(id) ?? guessPx) - height) > 1) changed = true;
      known.current.set(id, height);
    }
    if (changed) measured.value = measured.peek() + 1;
  });

  const { value: selected } = debrief.selected;
  useEffect(() => {
    const index = threads.findIndex(({ first }) => first.id === selected);
    const { current } = list;
    if (index < 0 || !current) return;
    const top = topOf(heights, index);
    if (top < current.scrollTop || top + heights[index]! > current.scrollTop + current.clientHeight)
      current.scrollTop = Math.max(0, top - current.clientHeight / 3);
  }, [selected]);

  return (
    <ul
      class="comment-list"
      // biome-ignore lint/a11y/noRedundantRoles: Safari drops the role of a list without bullets
      role="list"
      aria-label={t("feedback:list")}
      ref={list}
      onScroll={look}
      style={{ paddingBlock: `${rows.before}px ${rows.after}px` }}
    >
      {threads.slice(rows.from, rows.to).map((thread, index) => (
        <li
          key={thread.first.id}
          data-thread={thread.first.id}
          aria-setsize={threads.length}
          aria-posinset={rows.from + index + 1}
          aria-current={thread.first.id === selected ? "true" : undefined}
        >
          <ThreadView thread={thread} debrief={debrief} people={people} onSeek={onSeek} />
        </li>
      ))}
    </ul>
  );
}
