// The one bar of the call. Every button says what it will do; words stand beside the signs where there is room.
import {
  Bookmark,
  Circle,
  Ellipsis,
  Hand,
  LogOut,
  MessageSquare,
  Mic,
  MicOff,
  MonitorOff,
  MonitorUp,
  NotebookPen,
  Pause,
  Play,
  Square,
  Users,
  Video,
  VideoOff,
} from "lucide-preact";
import type { ComponentChildren } from "preact";
import { t } from "../words.ts";
import { isOn } from "./equipment.ts";
import { DevicesButton, Panel } from "./panel.tsx";
import type { CallScreen } from "./screen.ts";

const icon = { size: 20, "aria-hidden": "true" } as const;

export function Bar({ screen }: { screen: CallScreen }) {
  const { visit } = screen;
  const { me, others, room, rules, state, recording } = visit.view.value;
  const observers = others.filter((other) => other.participant.role === "observer").map((other) => other.participant.name);
  const watching = me?.role === "observer";
  const away = state !== "joined";
  return (
    <section class="call-bar" aria-label={t("call:controls")}>
      <div class="call-room">
        <span>{room?.name}</span>
        {observers.length > 0 && <span class="small">{t("call:watching", { names: observers.join(", ") })}</span>}
      </div>
      <div class="call-buttons">
        {(!watching || rules.observersSpeak) && <Microphone screen={screen} />}
        {!watching && <Camera screen={screen} />}
        {!watching && <DevicesButton />}
        {!watching && <Share screen={screen} />}
        {me?.hosting && <Record screen={screen} />}
        {me?.hosting && recording && (
          <Press
            class="wide-only"
            words={t(recording.pausedMs === null ? "call:pause" : "call:resume")}
            icon={recording.pausedMs === null ? <Pause {...icon} /> : <Play {...icon} />}
            disabled={away}
            onPress={() => visit.ask({ type: recording.pausedMs === null ? "pause" : "resume" })}
          />
        )}
        <Press
          class={me?.hosting ? "wide-only" : ""}
          words={t(me?.handMs ? "call:hand.lower" : "call:hand.raise")}
          icon={<Hand {...icon} />}
          off={(me?.handMs ?? null) !== null}
          disabled={away}
          onPress={() => screen.do("hand")}
        />
        {recording && (
          <Press
            class="wide-only"
            words={t("call:bookmark.add")}
            icon={<Bookmark {...icon} />}
            disabled={recording.pausedMs !== null}
            onPress={() => screen.do("bookmark")}
          />
        )}
        {watching && (
          <Press
            words={t("call:notes")}
            short={t("call:notes")}
            icon={<NotebookPen {...icon} />}
            expanded={screen.drawer.value === "notes"}
            onPress={() => screen.toggle("notes")}
          />
        )}
        <Chat screen={screen} />
        <Press
          class="wide-only"
          words={t("call:people.title")}
          icon={<Users {...icon} />}
          expanded={screen.drawer.value === "people"}
          onPress={() => screen.toggle("people")}
        >
          <span class="badge" aria-hidden="true" data-count={others.length + 1} />
        </Press>
        <Press words={t("call:more")} icon={<Ellipsis {...icon} />} onPress={() => screen.open("more")} />
        <button type="button" class="call-button leave" aria-label={t("call:leave")} onClick={screen.onLeave}>
          <LogOut {...icon} />
          <span aria-hidden="true">{t("call:leave")}</span>
        </button>
      </div>
      {!watching && <Panel equipment={visit.equipment} />}
    </section>
  );
}

function Microphone({ screen }: { screen: CallScreen }) {
  const { microphone } = screen.visit.equipment;
  const on = isOn(microphone.value);
  return (
    <Press
      words={t(on ? "call:microphone.mute" : "call:microphone.unmute")}
      short={t(on ? "call:microphone.muteShort" : "call:microphone.unmuteShort")}
      icon={on ? <Mic {...icon} /> : <MicOff {...icon} />}
      off={!on}
      disabled={microphone.value === "opening"}
      onPress={() => screen.do("microphone")}
    />
  );
}

function Camera({ screen }: { screen: CallScreen }) {
  const { camera } = screen.visit.equipment;
  const on = isOn(camera.value);
  return (
    <Press
      words={t(on ? "call:camera.off" : "call:camera.on")}
      short={t("call:camera.short")}
      icon={on ? <Video {...icon} /> : <VideoOff {...icon} />}
      off={!on}
      disabled={camera.value === "opening"}
      onPress={() => screen.do("camera")}
    />
  );
}

function Share({ screen }: { screen: CallScreen }) {
  const { screen: shared, state } = screen.visit.view.value;
  if (!("getDisplayMedia" in navigator.mediaDevices)) return null;
  return (
    <Press
      class="wide-only"
      words={t(shared ? "call:share.stop" : "call:share.start")}
      short={t(shared ? "call:share.stopShort" : "call:share.startShort")}
      icon={shared ? <MonitorOff {...icon} /> : <MonitorUp {...icon} />}
      off={shared !== null}
      disabled={state !== "joined"}
      onPress={() => screen.do("screen")}
    />
  );
}

function Record({ screen }: { screen: CallScreen }) {
  const { recording, beginsMs, state } = screen.visit.view.value;
  const press = (event: MouseEvent) => {
    // The second press of a double click must not undo the first.
    if (event.detail <= 1) screen.record(false);
  };
  const [words, short] = recording
    ? [t("call:record.stop"), t("call:record.stopShort")]
    : [
        t(beginsMs === null ? "call:record.start" : "call:record.cancel"),
        t(beginsMs === null ? "call:record.start" : "call:record.cancelShort"),
      ];
  return (
    <button
      type="button"
      class={recording ? "call-button stop" : "call-button record"}
      aria-label={words}
      disabled={state !== "joined"}
      onClick={press}
    >
      {recording ? <Square {...icon} fill="currentColor" /> : <Circle {...icon} fill="currentColor" />}
      <span aria-hidden="true">{short}</span>
    </button>
  );
}

function Chat({ screen }: { screen: CallScreen }) {
  const { chat } = screen.visit.view.value;
  const unread = screen.drawer.value === "chat" ? 0 : Math.max(0, chat.length - screen.read.value);
  return (
    <Press
      words={unread > 0 ? t("call:chat.unread", { count: unread }) : t("call:chat.title")}
      icon={<MessageSquare {...icon} />}
      expanded={screen.drawer.value === "chat"}
      onPress={() => screen.toggle("chat")}
    >
      {unread > 0 && (
        <span class="badge news" aria-hidden="true">
          {unread}
        </span>
      )}
    </Press>
  );
}

interface PressProps {
  words: string;
  /** Beside the sign, where there is room; absent: never. */
  short?: string;
  icon: ComponentChildren;
  off?: boolean;
  disabled?: boolean;
  expanded?: boolean;
  class?: string;
  onPress: () => void;
  children?: ComponentChildren;
}

function Press(props: PressProps) {
  return (
    <button
      type="button"
      class={`call-button${props.off || props.expanded ? " off" : ""} ${props.class ?? ""}`}
      aria-label={props.words}
      title={props.words}
      aria-expanded={props.expanded}
      disabled={props.disabled ?? false}
      onClick={props.onPress}
    >
      {props.icon}
      {props.short && <span aria-hidden="true">{props.short}</span>}
      {props.children}
    </button>
  );
}
