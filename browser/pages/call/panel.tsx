// Under "Devices": which camera, microphone and speaker, in the middle of the call. Opens over the bar, closes by Escape or a press elsewhere.

import { useSignal } from "@preact/signals";
import { Settings2 } from "lucide-preact";
import { useEffect, useRef } from "preact/hooks";
import { Meter } from "../lobby/meter.tsx";
import { none, Pickers } from "../lobby/pickers.tsx";
import { t } from "../words.ts";
import type { Equipment, Kind } from "./equipment.ts";

export const devicesId = "devices";

export function DevicesButton() {
  return (
    <button
      type="button"
      class="call-button wide-only"
      popovertarget={devicesId}
      aria-haspopup="dialog"
      aria-label={t("call:devices")}
      title={t("call:devicesWords")}
    >
      <Settings2 size={20} aria-hidden="true" />
    </button>
  );
}

export function Panel({ equipment }: { equipment: Equipment }) {
  const open = useSignal(false);
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const toggled = (event: Event) => {
      open.value = (event as ToggleEvent).newState === "open";
    };
    panel.current?.addEventListener("toggle", toggled);
    return () => panel.current?.removeEventListener("toggle", toggled);
  }, [open]);
  useEffect(() => {
    if (open.value) panel.current?.querySelector("select")?.focus();
  }, [open.value]);
  return (
    // No dialog element: the rest of the call goes on and stays within reach.
    <div ref={panel} id={devicesId} class="card call-panel" popover="auto" role="dialog" aria-label={t("call:devices")}>
      {open.value && <Choices equipment={equipment} onDone={() => panel.current?.hidePopover()} />}
    </div>
  );
}

/** Only while it is open: nothing is measured for a meter that nobody sees. */
function Choices({ equipment, onDone }: { equipment: Equipment; onDone: () => void }) {
  const { recorded, problem, devices } = equipment;
  /** What is recorded is what is in use. */
  const using = (kind: Kind) => (recorded.value && equipment[kind].value !== "none" ? equipment.idOf(kind) : none);
  const choose = (kind: Kind) => (id: string) => void (id === none ? equipment.giveUp(kind) : equipment.choose(kind, id || null));
  return (
    <>
      <Pickers
        devices={devices.value}
        camera={using("camera")}
        microphone={using("microphone")}
        onCamera={choose("camera")}
        onMicrophone={choose("microphone")}
      />
      <Meter track={equipment.microphone.value === "none" ? null : equipment.track("microphone")} />
      {problem.value && (
        <p class="small field-error" role="alert">
          {problem.value}
        </p>
      )}
      <button type="button" class="button" onClick={onDone}>
        {t("call:done")}
      </button>
    </>
  );
}
