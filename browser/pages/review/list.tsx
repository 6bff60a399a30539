// A long list, of which only what is near the eye is drawn: ten thousand rows scroll like ten.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { piecesOf, rowsOf, topOf } from "./rows.ts";

export interface LongListProps {
  class: string;
  label: string;
  /** Of its rows, in order. */
  ids: readonly string[];
  /** The row that it scrolls to when this changes; null: it stays. */
  current: string | null;
  /** Rows that stay drawn wherever one has scrolled to: somebody writes in them. */
  kept: ReadonlySet<string>;
  /** How high a row is until it was seen, px. */
  guessPx: number;
  /** The row at this place. */
  draw: (index: number) => ComponentChildren;
}

export function LongList({ class: name, label, ids, current, kept, guessPx, draw }: LongListProps) {
  const list = useRef<HTMLUListElement>(null);
  const known = useRef(new Map<string, number>());
  const view = useSignal({ scrolled: 0, seen: 800 });
  /** Raised when a drawn row is of another height than was thought. */
  const measured = useSignal(0);
  const heights = ids.map((id) => known.current.get(id) ?? guessPx);
  const rows = rowsOf(heights, view.value.scrolled, view.value.seen);
  const keptRows = kept.size > 0 ? ids.flatMap((id, row) => (kept.has(id) ? [row] : [])) : [];
  void measured.value;

  const look = () => {
    const element = list.current;
    if (!element) return;
    const { scrollTop: scrolled, clientHeight: seen } = element;
    const before = view.peek();
    if (scrolled !== before.scrolled || seen !== before.seen) view.value = { scrolled, seen };
  };
  useEffect(() => {
    const watcher = new ResizeObserver(look);
    if (list.current) watcher.observe(list.current);
    return () => watcher.disconnect();
  }, []);
  useLayoutEffect(() => {
    let changed = false;
    for (const row of list.current?.querySelectorAll<HTMLElement>("[data-row]") ?? []) {
      const height = row.offsetHeight;
      const id = row.dataset["row"] ?? "";
      if (Math.abs((known.current.get(id) ?? guessPx) - height) > 1) changed = true;
      known.current.set(id, height);
    }
    if (changed) measured.value = measured.peek() + 1;
  });

  useEffect(() => {
    const index = current === null ? -1 : ids.indexOf(current);
    const element = list.current;
    if (index < 0 || !element) return;
    const top = topOf(heights, index);
    if (top < element.scrollTop || top + heights[index]! > element.scrollTop + element.clientHeight)
      element.scrollTop = Math.max(0, top - element.clientHeight / 3);
  }, [current]);

  return (
    <ul
      class={name}
      // biome-ignore lint/a11y/noRedundantRoles: Safari drops the role of a list without bullets
      role="list"
      aria-label={label}
      ref={list}
      onScroll={look}
    >
      {piecesOf(heights, rows, keptRows).map((piece, place) =>
        "px" in piece ? (
          <Gap key={`gap ${place}`} px={piece.px} />
        ) : (
          <Row key={ids[piece.row]} id={ids[piece.row]!} row={piece.row} of={ids.length} current={ids[piece.row] === current}>
            {draw(piece.row)}
          </Row>
        ),
      )}
    </ul>
  );
}

interface RowProps {
  id: string;
  row: number;
  of: number;
  current: boolean;
  children: ComponentChildren;
}

function Row({ id, row, of, current, children }: RowProps) {
  return (
    <li data-row={id} aria-setsize={of} aria-posinset={row + 1} aria-current={current ? "true" : undefined}>
      {children}
    </li>
  );
}

/** In place of the rows that are not drawn. Not the list's own padding: no box is lower than that, so it would be as high as all rows together. */
function Gap({ px }: { px: number }) {
  return <li aria-hidden="true" class="gap" style={{ blockSize: `${px}px` }} />;
}
