// A question before something that cannot be undone. Promise: `onYes` only after a press on the named button.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "./words.ts";

export function Question(props: {
  title: string;
  yes: string;
  no?: string;
  children: ComponentChildren;
  onYes: () => void;
  onClose: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="question" onClose={props.onClose}>
      <form method="dialog">
        <h2 id="question">{props.title}</h2>
        <p class="soft">{props.children}</p>
        <div class="row">
          <button type="submit" class="button">
            {props.no ?? t("keep")}
          </button>
          <button type="submit" class="button primary" onClick={props.onYes}>
            {props.yes}
          </button>
        </div>
      </form>
    </dialog>
  );
}
