// Everybody in the call, oneself last; a shared screen takes the large place, else whoever is pinned, else, among many, whoever speaks.
import { Pin, PinOff } from "lucide-preact";
import type { Participant } from "../../../protocol/call.ts";
import type { Other } from "../../call/call.ts";
import { Picture } from "../picture.tsx";
import { t } from "../words.ts";
import { Bars } from "./bars.tsx";
import { isOn } from "./equipment.ts";
import { OthersRing, SafeRing } from "./ring.tsx";
import type { CallScreen } from "./screen.ts";
import { ScreenTile, Tile } from "./tile.tsx";
import type { Visit } from "./visit.ts";

export function Stage({ screen }: { screen: CallScreen }) {
  const { visit } = screen;
  const view = visit.view.value;
  const shared = view.others.filter((other) => other.screen !== null);
  const others = screen.faces;
  const alone = others.length === 0 && view.state !== "connecting";
  const me = view.me;
  const faces = others.length + (me && me.role !== "observer" ? 1 : 0);
  const sharing = shared.length + (view.screen ? 1 : 0) > 0;
  const large = sharing || faces < 2 ? null : screen.large;
  return (
    <div class={`stage${sharing ? " sharing" : ""}${large ? " leading" : ""}`}>
      {sharing && (
        <div class="screens">
          {shared.map((other) => (
            <ScreenTile
              key={other.participant.id}
              name={t("call:share.theirs", { name: other.participant.name })}
              stream={other.screen}
              onSize={(px) => visit.shown(other.participant.id, "screen", px)}
            />
          ))}
          {view.screen && <ScreenTile name={t("call:share.mine")} stream={view.screen} mine />}
        </div>
      )}
      <div class="faces" data-count={Math.min(9, Math.max(1, faces))} style={large ? { "--beside": faces - 1 } : undefined}>
        {others.map((other) => (
          <OtherTile key={other.participant.id} screen={screen} other={other} alone={faces < 2} large={large} />
        ))}
        {me && me.role !== "observer" && <Own screen={screen} me={me} alone={faces < 2} large={large} />}
        {!me && (
          <p class="stage-words">
            <span>{t("call:stage.opening")}</span>
          </p>
        )}
      </div>
      {alone && me && me.role === "observer" && <p class="stage-words over">{t("call:stage.empty")}</p>}
      {view.rules.observersSpeak && <Voices visit={visit} />}
    </div>
  );
}

/** Observers who speak are heard and not seen. */
function Voices({ visit }: { visit: Visit }) {
  const observers = visit.view.value.others.filter(({ participant }) => participant.role === "observer" && participant.microphone);
  return (
    <div class="unseen" aria-hidden="true">
      {observers.map(({ participant, stream }) => (
        <Picture key={participant.id} stream={stream} />
      ))}
    </div>
  );
}

interface Place {
  screen: CallScreen;
  /** There is nobody else. */
  alone: boolean;
  /** Whose tile is the large one. */
  large: string | null;
}

function OtherTile({ screen, other, alone, large }: Place & { other: Other }) {
  const { visit } = screen;
  const { recording, safety } = visit.view.value;
  const { id, name, microphone, camera, recorded, handMs } = other.participant;
  const mine = safety && safety.recording === recording?.id ? safety.items.filter((item) => item.participant.id === id) : [];
  const unrecorded = recording && !recorded ? t("call:tile.unrecorded") : null;
  const words = other.connection === "connected" ? null : t(`call:tile.${other.connection}`);
  return (
    <Tile
      name={name}
      stream={other.stream}
      microphone={microphone}
      camera={camera}
      state={words ?? unrecorded}
      speaking={visit.speaking.value.has(id)}
      hand={handMs !== null}
      large={large === id}
      onSize={(px) => visit.shown(id, "camera", px)}
    >
      <div class="tile-tools">
        {other.bars !== null && other.connection === "connected" && <Bars bars={other.bars} name={name} />}
        {!alone && <PinButton screen={screen} id={id} name={name} />}
      </div>
      {mine.length > 0 && <OthersRing name={name} items={mine} />}
    </Tile>
  );
}

function PinButton({ screen, id, name }: { screen: CallScreen; id: string; name: string }) {
  const pinned = screen.pinned.value === id;
  const words = t(pinned ? "call:tile.unpin" : "call:tile.pin", { name });
  return (
    <button type="button" class="tile-pin" aria-label={words} title={words} onClick={() => screen.pin(id)}>
      {pinned ? <PinOff size={16} aria-hidden="true" /> : <Pin size={16} aria-hidden="true" />}
    </button>
  );
}

function Own({ screen, me, alone, large }: Place & { me: Participant }) {
  const { visit } = screen;
  const { recording } = visit.view.value;
  const mine = recording ? visit.uploads.value.filter((one) => one.recording === recording.id) : [];
  return (
    <Tile
      name={t("call:you", { name: me.name })}
      stream={visit.stream}
      microphone={isOn(visit.equipment.microphone.value)}
      camera={isOn(visit.equipment.camera.value)}
      state={recording && !me.recorded ? t("call:tile.youUnrecorded") : null}
      hand={me.handMs !== null}
      large={large === me.id}
      own
    >
      <div class="tile-tools">{!alone && <PinButton screen={screen} id={me.id} name={t("call:you", { name: me.name })} />}</div>
      {mine.length > 0 && me.recorded && <SafeRing uploads={mine} />}
      {recording && visit.options.consent && (
        <button type="button" class="tile-consent" onClick={() => visit.setRecorded(!me.recorded)}>
          {t(me.recorded ? "call:tile.stopMe" : "call:tile.recordMe")}
        </button>
      )}
    </Tile>
  );
}
