// Before the call: whether this browser can keep a recording on the device, and for how long. Silent when all is well.
import { useSignal } from "@preact/signals";
import { HardDrive } from "lucide-preact";
import { useEffect } from "preact/hooks";
import { keepStorage, roomOnDevice } from "../../upload/quota.ts";
import { uploads } from "../uploads.ts";

/** What an hour of camera and microphone takes; a device with less room is named. */
const hourBytes = 1.2e9;

export function Keeping() {
  const words = useSignal<string | null>(null);
  useEffect(() => {
    void keepStorage();
    void judge().then((found) => {
      words.value = found;
    });
  }, [words]);
  if (!words.value) return null;
  return (
    <div class="notice warn" role="alert">
      <HardDrive size={20} aria-hidden="true" />
      <p>{words.value}</p>
    </div>
  );
}

async function judge(): Promise<string | null> {
  const storage = await uploads().storage();
  if (storage === null) return "This page cannot record: a part of it could not be loaded. Reload it before you join.";
  if (storage === "memory")
    return "This window cannot keep a recording on this device (a private window, perhaps). What you record is sent at once: leave the tab open until everything is safe.";
  const free = await roomOnDevice();
  if (free === null || free >= hourBytes) return null;
  const minutes = Math.floor((free / hourBytes) * 60);
  const time = minutes > 1 ? `about ${minutes} minutes` : "hardly a minute";
  return `There is little room on this device: it can keep ${time} of recording. More is sent at once: leave the tab open until everything is safe.`;
}
