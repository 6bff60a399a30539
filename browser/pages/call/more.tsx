// Under "More": what the bar has no room for. On a phone that is most of it.
import {
  Bookmark,
  Drama,
  Hand,
  Keyboard,
  LayoutGrid,
  Maximize,
  MonitorUp,
  NotebookPen,
  Pause,
  Settings2,
  Smartphone,
  Users,
} from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../words.ts";
import { devicesId } from "./panel.tsx";
import { type CallScreen, many } from "./screen.ts";

export function More({ screen }: { screen: CallScreen }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { me, recording, screen: shared } = screen.visit.view.value;
  const observer = me?.role === "observer";
  const item = (words: string, icon: ComponentChildren, action: () => void, narrow = true) => (
    <li class={narrow ? "narrow-only" : undefined}>
      <button
        type="button"
        class="button quiet wide"
        onClick={() => {
          dialog.current?.close();
          action();
        }}
      >
        {icon}
        {words}
      </button>
    </li>
  );
  const icon = { size: 20, "aria-hidden": "true" } as const;
  const canShare = "getDisplayMedia" in navigator.mediaDevices;
  return (
    <dialog
      ref={dialog}
      class="more"
      closedby="any"
      aria-label={t("call:more")}
      onClose={() => screen.sheet.value === "more" && screen.open(null)}
    >
      <ul>
        {item(t(me?.handMs ? "call:hand.lower" : "call:hand.raise"), <Hand {...icon} />, () => screen.do("hand"), me?.hosting ?? false)}
        {!observer && item(t("call:devices"), <Settings2 {...icon} />, () => document.getElementById(devicesId)?.showPopover())}
        {!observer &&
          canShare &&
          item(t(shared ? "call:share.stop" : "call:share.start"), <MonitorUp {...icon} />, () => screen.do("screen"))}
        {recording && item(t("call:bookmark.add"), <Bookmark {...icon} />, () => screen.do("bookmark"))}
        {recording &&
          me?.hosting &&
          item(t(recording.pausedMs === null ? "call:pause" : "call:resume"), <Pause {...icon} />, () =>
            screen.visit.ask({ type: recording.pausedMs === null ? "pause" : "resume" }),
          )}
        {item(t("call:people.title"), <Users {...icon} />, () => screen.toggle("people"))}
        {screen.supervises && item(t("supervisor:notes.title"), <NotebookPen {...icon} />, () => screen.toggle("notes"), false)}
        {(me?.hosting || screen.visit.view.value.play) && item(t("play:title"), <Drama {...icon} />, () => screen.toggle("play"), false)}
        {screen.order.length >= many &&
          item(
            t(screen.even.value ? "drawer:large" : "drawer:even"),
            <LayoutGrid {...icon} />,
            () => {
              screen.even.value = !screen.even.value;
            },
            false,
          )}
        {item(t("drawer:fullscreen"), <Maximize {...icon} />, () => void fullScreen(), false)}
        {me && item(t("drawer:handover.title"), <Smartphone {...icon} />, () => screen.open("handover"), false)}
        {item(t("drawer:keys.title"), <Keyboard {...icon} />, () => screen.open("keys"), false)}
      </ul>
    </dialog>
  );
}

/** Phones may refuse: then the call stays as it is. */
async function fullScreen(): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen();
  } catch (error) {
    console.info("no full screen", error);
  }
}
