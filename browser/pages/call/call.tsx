// The call on the screen: the stage, what needs saying, one bar. Everybody sees whether it records, in words, as long as it lasts.
import { useEffect, useRef } from "preact/hooks";
import { Announcer, announce } from "../announce.tsx";
import { RecordingStatus } from "../recording.tsx";
import { stayAwake } from "./awake.ts";
import { Bar } from "./bar.tsx";
import "../lobby/lobby.css";
import "../safe/safe.css";
import "./call.css";
import { Notices } from "./notices.tsx";
import { Stage } from "./stage.tsx";
import "./tile.css";
import type { Visit } from "./visit.ts";

export function CallPage(props: { visit: Visit; onLeave: () => void }) {
  const { visit } = props;
  const { recording, room } = visit.view.value;
  useEffect(() => {
    if (recording) announce("Recording started.");
    else if (visit.latest.value) announce("Recording stopped.");
  }, [recording?.id]);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // The button that was pressed is gone: reading goes on here.
    heading.current?.focus();
    return stayAwake();
  }, []);
  return (
    <main class="call">
      <h1 class="unseen" ref={heading} tabIndex={-1}>
        {room?.name ?? "Call"}
      </h1>
      <div class="call-top">
        {recording ? (
          <RecordingStatus startedMs={recording.startedMs} room={room?.name ?? ""} />
        ) : (
          <NotRecording room={room?.name ?? ""} titled={!visit.latest.value} />
        )}
      </div>
      <Stage visit={visit} />
      <Notices visit={visit} />
      <Bar visit={visit} onLeave={props.onLeave} />
      <Announcer />
    </main>
  );
}

/** `titled`: there is nothing more urgent to say in the title. */
function NotRecording(props: { room: string; titled: boolean }) {
  useEffect(() => {
    if (props.titled) document.title = `${props.room || "Call"} · Doubletake`;
  }, [props.room, props.titled]);
  return <span class="not-recording">Not recording</span>;
}
