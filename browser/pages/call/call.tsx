// The call on the screen: the stage, what needs saying, one bar, and what is opened beside it. Everybody sees whether it records, in words, as long
// as it lasts.
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Announcer, announce } from "../announce.tsx";
import { useFetched } from "../fetched.ts";
import { RecordingStatus } from "../recording.tsx";
import { t } from "../words.ts";
import { stayAwake } from "./awake.ts";
import { Bar } from "./bar.tsx";
import { deedOf, singleKeys, whereOf } from "./keys.ts";
import "../lobby/lobby.css";
import "../safe/safe.css";
import "./call.css";
import "./bar.css";
import { markedWords, useNews } from "./news.ts";
import { Notices } from "./notices.tsx";
import { CallScreen } from "./screen.ts";
import { Stage } from "./stage.tsx";
import "./tile.css";
import type { Visit } from "./visit.ts";

export function CallPage(props: { visit: Visit; onLeave: () => void }) {
  const { visit, onLeave } = props;
  const screen = useMemo(() => new CallScreen(visit, onLeave), [visit]);
  const { recording, room, beginsMs, play, whispers, rules } = visit.view.value;
  useEffect(() => {
    if (recording) announce(t("call:recording.started"));
    else if (visit.latest.value) announce(t("call:recording.stopped"));
  }, [recording?.id]);
  useEffect(() => {
    if (play || whispers.size > 0 || rules.keepWhispers) void screen.load();
  }, [whispers, !play, rules]);
  useNews(screen);
  useKeys(screen);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that was pressed is gone: reading goes on here.
    heading.current?.focus();
    return stayAwake();
  }, []);
  const Extras = screen.extras.value;
  const pausedMs = recording?.pausedMs ?? null;
  const Paused = useFetched(pausedMs !== null, async () => (await import("./paused.tsx")).Paused);
  const Count = useFetched(beginsMs !== null, async () => (await import("./count.tsx")).Count);
  return (
    <main class={screen.drawer.value && Extras ? "call with-drawer" : "call"}>
      <h1 class="unseen" ref={heading} tabIndex={-1}>
        {room?.name ?? t("call:call")}
      </h1>
      <div class="call-top">
        {!recording && <NotRecording room={room?.name ?? ""} titled={!visit.latest.value} />}
        {recording && pausedMs === null && <RecordingStatus startedMs={recording.startedMs} room={room?.name ?? ""} />}
        {Paused && pausedMs !== null && <Paused pausedMs={pausedMs} room={room?.name ?? ""} />}
        {screen.marked.value !== null && <span aria-hidden="true">{markedWords(screen.marked.value)}</span>}
      </div>
      <Stage screen={screen} />
      {Count && beginsMs !== null && <Count beginsMs={beginsMs} />}
      <Notices visit={visit} />
      <Bar screen={screen} />
      {Extras && <Extras screen={screen} />}
      <Announcer />
    </main>
  );
}

/** `titled`: there is nothing more urgent to say in the title. */
function NotRecording(props: { room: string; titled: boolean }) {
  useEffect(() => {
    if (props.titled) document.title = `${props.room || t("call:call")} · Doubletake`;
  }, [props.room, props.titled]);
  return <span class="not-recording">{t("call:recording.not")}</span>;
}

function useKeys(screen: CallScreen): void {
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      // In a dialog its own keys count, and only those.
      if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
      const deed = deedOf(event, whereOf(event.target), singleKeys.value);
      if (deed === null) return;
      event.preventDefault();
      screen.do(deed);
    };
    const up = (event: KeyboardEvent) => event.key === " " && screen.hush();
    const hush = () => screen.hush();
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", hush);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", hush);
    };
  }, [screen]);
}
