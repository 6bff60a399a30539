// The frame of a drawer: beside the stage, on a phone over its lower part. Escape closes it, and the focus goes back to where it came from.
import { X } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../words.ts";

export function DrawerFrame(props: { title: string; kind?: string; onClose: () => void; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    // Where the drawer is for writing, one can write at once.
    (heading.current?.closest(".drawer")?.querySelector<HTMLElement>("[data-first]") ?? heading.current)?.focus();
    return () => before instanceof HTMLElement && before.isConnected && before.focus();
  }, []);
  return (
    <aside
      class={`drawer ${props.kind ?? ""}`}
      aria-label={props.title}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        props.onClose();
      }}
    >
      <header class="drawer-head">
        <h2 ref={heading} tabIndex={-1}>
          {props.title}
        </h2>
        <button type="button" class="button quiet square" aria-label={t("drawer:close")} onClick={props.onClose}>
          <X size={20} aria-hidden="true" />
        </button>
      </header>
      {props.children}
    </aside>
  );
}
