// The frame of every page but the call: the mark, what was left unsent, the page itself, and the one polite live region.
import type { ComponentChildren } from "preact";
import { Announcer } from "./announce.tsx";
import { LanguageChoice } from "./language.tsx";
import { LeftBehind } from "./left.tsx";
import { Mark } from "./mark.tsx";
import { t } from "./words.ts";

export function Frame(props: { children: ComponentChildren; aside?: ComponentChildren; wide?: boolean; class?: string }) {
  const wide = props.wide ? " wide" : "";
  return (
    <>
      <header class={`masthead${wide}`}>
        <a class="brand" href="/" aria-label={t("brand.home")}>
          <Mark />
          Doubletake
        </a>
        <div class="masthead-aside">
          {props.aside}
          <LanguageChoice />
        </div>
      </header>
      <LeftBehind />
      <main class={`page${wide} ${props.class ?? ""}`}>{props.children}</main>
      <Announcer />
    </>
  );
}
