// The frame of every page but the call: the mark, what was left unsent, the page itself, and the one polite live region.
import type { ComponentChildren } from "preact";
import { Announcer } from "./announce.tsx";
import { LeftBehind } from "./left.tsx";
import { Mark } from "./mark.tsx";

export function Frame(props: { children: ComponentChildren; aside?: ComponentChildren; wide?: boolean; class?: string }) {
  const wide = props.wide ? " wide" : "";
  return (
    <>
      <header class={`masthead${wide}`}>
        <a class="brand" href="/" aria-label="Doubletake, home">
          <Mark />
          Doubletake
        </a>
        {props.aside}
      </header>
      <LeftBehind />
      <main class={`page${wide} ${props.class ?? ""}`}>{props.children}</main>
      <Announcer />
    </>
  );
}
