// Everybody in the call, oneself last; a shared screen takes the large place.
import type { Participant } from "../../../protocol/call.ts";
import type { Other } from "../../call/call.ts";
import { isOn } from "./equipment.ts";
import { OthersRing, SafeRing } from "./ring.tsx";
import { ScreenTile, Tile } from "./tile.tsx";
import type { Visit } from "./visit.ts";

const words: Record<Other["connection"], string | null> = {
  connecting: "Connecting",
  connected: null,
  lost: "Connection lost, trying again",
};

export function Stage({ visit }: { visit: Visit }) {
  const view = visit.view.value;
  const shared = view.others.filter((other) => other.screen !== null);
  // Observers have no face: they are named in the bar, not shown.
  const others = view.others.filter((other) => other.participant.role !== "observer");
  const alone = others.length === 0 && view.state !== "connecting";
  const me = view.me;
  const faces = others.length + (me && me.role !== "observer" ? 1 : 0);
  return (
    <div class={shared.length + (view.screen ? 1 : 0) > 0 ? "stage sharing" : "stage"}>
      {(shared.length > 0 || view.screen) && (
        <div class="screens">
          {shared.map((other) => (
            <ScreenTile key={other.participant.id} name={`${other.participant.name}'s screen`} stream={other.screen} />
          ))}
          {view.screen && <ScreenTile name="Your screen" stream={view.screen} mine />}
        </div>
      )}
      <div class="faces" data-count={Math.min(9, Math.max(1, faces))}>
        {others.map((other) => (
          <OtherTile key={other.participant.id} visit={visit} other={other} />
        ))}
        {me && me.role !== "observer" && <Own visit={visit} me={me} />}
        {!me && (
          <p class="stage-words">
            <span>Opening the call</span>
          </p>
        )}
      </div>
      {alone && me && me.role === "observer" && <p class="stage-words over">Nobody is here yet. They appear as soon as they join.</p>}
    </div>
  );
}

function OtherTile({ visit, other }: { visit: Visit; other: Other }) {
  const { recording, safety } = visit.view.value;
  const { id, name, microphone, camera, recorded } = other.participant;
  const mine = safety && safety.recording === recording?.id ? safety.items.filter((item) => item.participant.id === id) : [];
  const unrecorded = recording && !recorded ? "Not recorded" : null;
  return (
    <Tile name={name} stream={other.stream} microphone={microphone} camera={camera} state={words[other.connection] ?? unrecorded}>
      {mine.length > 0 && <OthersRing name={name} items={mine} />}
    </Tile>
  );
}

function Own({ visit, me }: { visit: Visit; me: Participant }) {
  const { recording } = visit.view.value;
  const mine = recording ? visit.uploads.value.filter((one) => one.recording === recording.id) : [];
  return (
    <Tile
      name={`${me.name} (you)`}
      stream={visit.stream}
      microphone={isOn(visit.equipment.microphone.value)}
      camera={isOn(visit.equipment.camera.value)}
      state={recording && !me.recorded ? "You are not recorded" : null}
      own
    >
      {mine.length > 0 && me.recorded && <SafeRing uploads={mine} />}
      {recording && visit.options.consent && (
        <button type="button" class="tile-consent" onClick={() => visit.setRecorded(!me.recorded)}>
          {me.recorded ? "Stop recording me" : "Record me again"}
        </button>
      )}
    </Tile>
  );
}
